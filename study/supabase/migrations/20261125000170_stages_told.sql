-- What analysts are told of a reading's stages once the study is unblinded: which evidence each step released, of which type, and, of
-- people, what their times are made from.
create function study.stages_told(r study.readings, attempt integer, kind text) returns jsonb
language sql stable set search_path = ''
begin atomic
    select jsonb_build_object('reading', r.reading,
        'steps', (select coalesce(jsonb_agg(jsonb_build_object('kind', s.step -> 'kind', 'evidence', coalesce(s.step -> 'evidence', '[]'))
                order by s.place), '[]')
            from study.scripts k, jsonb_array_elements(k.content -> 'steps') with ordinality as s(step, place)
            where k.study = r.study and k.hash = r.script),
        'types', (select coalesce(jsonb_object_agg(b.id, b.block -> 'type'), '{}')
            from study.evidence b where b.study = r.study and b.case_key = r.case_key),
        'events', (select coalesce(jsonb_agg(jsonb_build_object('kind', e.kind, 'step', e.step, 'attempt', e.attempt, 'at', e.at,
                'client', e.client) order by e.seq), '[]')
            from study.events e where stages_told.kind = 'human' and e.reading = r.reading and e.attempt = stages_told.attempt),
        'telemetry', (select coalesce(jsonb_agg(jsonb_build_object('step', t.step, 'attempt', t.attempt, 'tab', t.tab, 'number', t.number,
                'at', t.at, 'body', t.body) order by t.step, t.tab, t.number), '[]')
            from study.telemetry t where stages_told.kind = 'human' and t.reading = r.reading and t.attempt = stages_told.attempt));
end;

create function desk.analysis_stages(study uuid, after text default null) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'analyst');
    perform study.check_that((select s.state = 'unblinded' from study.studies s where s.study = analysis_stages.study), 'RS423',
        'Results are shown once the study is closed and unblinded.');
    return (select study.chunk(array_agg(x.reading::text order by x.reading), array_agg(x.item order by x.reading), 100) from (
        select r.reading, study.stages_told(r, coalesce(r.completed_attempt, r.attempt), m.kind) as item
        from study.readings r
        join study.members m on m.member = r.member and not m.trial and m.state <> 'excluded'
        where r.study = analysis_stages.study and not r.practice and (after is null or r.reading > after::uuid)
        order by r.reading limit 100) x);
end $$;
select study.publish('analysis_stages', 'authenticated');
