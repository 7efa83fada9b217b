-- For the analyst: with what a model's choice came, where that was kept, how a failed reading failed, and since when a case has been
-- public. A model's distribution over the options lies in the notes of the turn that locks its selection ("client" of the event), under
-- "distribution": {"estimator": "logprobs" or "elicited", "p": {label: probability}}, or a list of several of these.
create function study.distribution(r study.readings, attempt integer) returns jsonb
language sql stable set search_path = ''
begin atomic
    select e.client::jsonb -> 'distribution' from study.events e join study.scripts k on k.study = r.study and k.hash = r.script
    where e.reading = r.reading and e.attempt = distribution.attempt and e.kind = 'locked'
    and k.content -> 'steps' -> e.step ->> 'kind' = 'selection' order by e.seq desc limit 1;
end;

create function study.failure(r study.readings, attempt integer) returns text
language sql stable set search_path = ''
begin atomic
    select p.payload::jsonb ->> 'outcome' from study.events e join study.event_payloads p on p.reading = e.reading and p.seq = e.seq
    where e.reading = r.reading and e.attempt = failure.attempt and e.kind = 'failed' order by e.seq desc limit 1;
end;

create or replace function desk.analysis(study uuid, after uuid, amount integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare s study.studies;
begin
    perform study.membership(study, 'analyst');
    select t.* into strict s from study.studies t where t.study = analysis.study;
    perform study.check_that(s.state = 'unblinded', 'RS423', 'Results are shown once the study is closed and unblinded.');
    perform study.check_that(amount between 1 and 1000, 'RS400', 'A chunk has 1 to 1,000 readings.');
    return (select coalesce(jsonb_agg(x.item order by x.reading), '[]') from (
        select r.reading, jsonb_build_object('reading', r.reading, 'reader', m.result_id, 'kind', m.kind, 'model', m.model, 'sample',
            m.sample, 'condition', m.condition,
            'case', r.case_key, 'translation_of', c.translation_of, 'specialty', c.specialty, 'language', c.language, 'position',
                r.position, 'arm', r.arm, 'published', c.content -> 'source' -> 'published',
            'state', r.state, 'attempt', a.counted,
            'answers', study.answers(jsonb_populate_record(r, jsonb_build_object('attempt', a.counted))),
            'distribution', case when m.kind = 'model' then study.distribution(r, a.counted) end,
            'outcome', case when r.state = 'failed' then study.failure(r, a.counted) end,
            'options', (select coalesce(jsonb_agg(jsonb_build_object('label', chr(64 + o.place::integer), 'text',
                t.options -> o.index ->> 'text',
                'right', o.index = t.right_option) order by o.place), '[]') from unnest(r.option_order) with ordinality as o(index, place)),
            'diagnosis', t.diagnosis) as item
        from study.readings r
        cross join lateral (select coalesce(r.completed_attempt, r.attempt) as counted) a
        join study.members m on m.member = r.member and not m.trial and m.state <> 'excluded'
        join study.cases c on c.study = r.study and c.key = r.case_key
        join study.truths t on t.study = r.study and t.case_key = r.case_key
        where r.study = s.study and not r.practice and (after is null or r.reading > after)
        order by r.reading limit amount) x);
end $$;

-- The models that took part, each once in each condition, with what was declared of them: version, cut-off, settings.
create function desk.analysis_models(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'analyst');
    perform study.check_that((select s.state = 'unblinded' from study.studies s where s.study = analysis_models.study), 'RS423',
        'Results are shown once the study is closed and unblinded.');
    return (select coalesce(jsonb_agg(jsonb_build_object('model', m.model, 'condition', m.condition, 'samples', m.samples,
            'details', m.details) order by m.model, m.condition), '[]')
        from (select n.model, n.condition, count(*) as samples, (array_agg(n.details order by n.sample))[1] as details
            from study.members n where n.study = analysis_models.study and n.kind = 'model' and n.state <> 'excluded'
            group by n.model, n.condition) m);
end $$;
select study.publish('analysis_models', 'authenticated');
