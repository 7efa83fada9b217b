-- What leaves the database: heads first, then events up to those heads, so that a running study exports without gaps.

create function desk.export_heads(study uuid, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.membership(study, 'coordinator');
    reply jsonb := study.repeated(m.person, request_id, 'export_heads', to_jsonb(study));
    taken jsonb;
begin
    if reply is not null then return reply; end if;
    perform 1 from study.studies s where s.study = export_heads.study for update;
    taken := study.heads(study);
    perform study.note(study, 'exported', jsonb_build_object('heads', taken));
    return study.keep(m.person, request_id, 'export_heads', to_jsonb(study), jsonb_build_object('heads', taken, 'at', clock_timestamp()));
end $$;
select study.publish('export_heads', 'authenticated');

-- The events of some readings, each up to the count that the heads named, after a place already taken; at most `amount` rows.
create function desk.export_events(study uuid, upto jsonb, after_reading uuid, after_seq integer, amount integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that(amount between 1 and 5000, 'RS400', 'A chunk has 1 to 5,000 events.');
    return (select coalesce(jsonb_agg(to_jsonb(x) order by x.reading, x.seq), '[]') from (
        select e.reading, e.seq, e.kind, e.step, e.attempt, e.actor, e.reader, study.stamp(e.at) as at, e.request_id, e.client, e.payload_digest,
            e.previous, e.hash, encode(p.nonce, 'hex') as nonce, p.payload
        from study.events e
        join study.readings r on r.reading = e.reading and r.study = export_events.study
        left join study.event_payloads p on p.reading = e.reading and p.seq = e.seq
        where e.reading = any (select (u.key)::uuid from jsonb_each(upto) as u)
        and e.seq <= (upto ->> e.reading::text)::integer
        and (after_reading is null or (e.reading, e.seq) > (after_reading, after_seq))
        order by e.reading, e.seq limit amount) x);
end $$;
select study.publish('export_events', 'authenticated');

-- A case's options by their words. Authors write the right one first as often as not: their own order would be half the key.
create function study.sorted_options(t study.truths) returns jsonb
language sql immutable set search_path = ''
begin atomic
    select coalesce(jsonb_agg(o ->> 'text' order by (o ->> 'text') collate "C"), '[]') from jsonb_array_elements(t.options) as o;
end;

-- The readings' projection; the options' order as places in the sorted options, the seed only once the study is unblinded.
create function study.export_readings(study uuid, told boolean) returns jsonb
language sql stable set search_path = ''
begin atomic
    select coalesce(jsonb_agg(to_jsonb(r) || jsonb_build_object('last_at', study.stamp(nullif(r.last_at, '-infinity')),
        'seed', case when told then r.seed::text end,
        'option_order', (select coalesce(jsonb_agg((select count(*) from jsonb_array_elements(t.options) as o
                where (o ->> 'text') collate "C" < (t.options -> u.index ->> 'text') collate "C") order by u.place), '[]')
            from unnest(r.option_order) with ordinality as u(index, place))) order by r.reading), '[]')
    from study.readings r join study.truths t on t.study = r.study and t.case_key = r.case_key
    where r.study = export_readings.study;
end;

-- The study's tables beside the events. The truth, the key and grades are in it once the study is unblinded, not before.
create function desk.export_tables(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    s study.studies;
    told boolean;
begin
    perform study.membership(study, 'coordinator');
    select t.* into strict s from study.studies t where t.study = export_tables.study;
    told := s.state = 'unblinded';
    return jsonb_build_object(
        'study', to_jsonb(s) || jsonb_build_object('seed', case when told then s.seed::text end),
        'readings', study.export_readings(s.study, told),
        'members', (select coalesce(jsonb_agg(to_jsonb(m) - 'person' - 'pseudonym' - 'consent' order by m.result_id), '[]') from study.members m
                    where m.study = s.study and m.role = 'reader'),
        'scripts', (select coalesce(jsonb_object_agg(k.hash, k.content), '{}') from study.scripts k where k.study = s.study),
        'media', (select coalesce(jsonb_agg(to_jsonb(d) - 'study' order by d.sha256), '[]') from study.media d where d.study = s.study),
        'cases', (select coalesce(jsonb_agg(jsonb_build_object('key', c.key, 'position', c.position, 'version', c.version, 'language', c.language,
                    'translation_of', c.translation_of, 'specialty', c.specialty, 'synthetic', c.synthetic, 'practice', c.practice, 'hash', c.hash,
                    'options', (select study.sorted_options(t) from study.truths t where t.study = c.study and t.case_key = c.key),
                    'content', case when told then c.content end) order by c.position), '[]')
                  from study.cases c where c.study = s.study),
        'grades', case when told then (select coalesce(jsonb_agg(to_jsonb(g) - 'study' - 'grader' order by g.seq), '[]')
                  from study.grades g where g.study = s.study) end,
        'now', clock_timestamp());
end $$;
select study.publish('export_tables', 'authenticated');

create function desk.export_telemetry(study uuid, readings jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that(jsonb_array_length(readings) <= 100, 'RS400', 'A chunk has at most 100 readings.');
    return (select coalesce(jsonb_agg(to_jsonb(t) order by t.reading, t.step, t.at), '[]') from study.telemetry t
            join study.readings r on r.reading = t.reading and r.study = export_telemetry.study
            where t.reading in (select (x)::uuid from jsonb_array_elements_text(readings) as x));
end $$;
select study.publish('export_telemetry', 'authenticated');

create function desk.study_chain(study uuid, after_seq integer, amount integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that(amount between 1 and 1000, 'RS400', 'A chunk has 1 to 1,000 events.');
    return (select coalesce(jsonb_agg(to_jsonb(x) order by x.seq), '[]') from (
        select c.study, c.seq, c.kind, c.actor, study.stamp(c.at) as at, c.body, c.previous, c.hash from study.study_events c
        where c.study = study_chain.study and c.seq > after_seq order by c.seq limit amount) x);
end $$;
select study.publish('study_chain', 'authenticated');

-- Checks that need the hidden parts without showing them: each case's hash against its stored content is recomputed by the owner alone.
create function desk.case_contents(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that((select p.owner from study.people p where p.person = study.caller()), 'RS403',
        'The cases'' contents are read by the owner of the data folder alone.');
    return (select coalesce(jsonb_object_agg(c.key, c.content), '{}') from study.cases c where c.study = case_contents.study);
end $$;
select study.publish('case_contents', 'authenticated');

-- Each reading's seed and its option order as drawn, so that the owner's own checks can draw them again.
create function desk.option_orders(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that((select p.owner from study.people p where p.person = study.caller()), 'RS403',
        'The seeds are read by the owner of the data folder alone.');
    return (select coalesce(jsonb_object_agg(r.reading, jsonb_build_object('seed', r.seed::text, 'order', to_jsonb(r.option_order))), '{}')
        from study.readings r where r.study = option_orders.study);
end $$;
select study.publish('option_orders', 'authenticated');

-- For the analyst, after unblinding: each reading's answers of its first completed attempt beside the truth, in chunks.
create function desk.analysis(study uuid, after uuid, amount integer) returns jsonb
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
        select r.reading, jsonb_build_object('reading', r.reading, 'reader', m.result_id, 'kind', m.kind, 'model', m.model, 'sample', m.sample,
            'case', r.case_key, 'translation_of', c.translation_of, 'specialty', c.specialty, 'language', c.language, 'position', r.position, 'arm', r.arm,
            'state', r.state, 'attempt', coalesce(r.completed_attempt, r.attempt),
            'answers', study.answers(jsonb_populate_record(r, jsonb_build_object('attempt', coalesce(r.completed_attempt, r.attempt)))),
            'options', (select coalesce(jsonb_agg(jsonb_build_object('label', chr(64 + o.place::integer), 'text', t.options -> o.index ->> 'text',
                'right', o.index = t.right_option) order by o.place), '[]') from unnest(r.option_order) with ordinality as o(index, place)),
            'diagnosis', t.diagnosis) as item
        from study.readings r
        join study.members m on m.member = r.member and not m.trial and m.state <> 'excluded'
        join study.cases c on c.study = r.study and c.key = r.case_key
        join study.truths t on t.study = r.study and t.case_key = r.case_key
        where r.study = s.study and not r.practice and (after is null or r.reading > after)
        order by r.reading limit amount) x);
end $$;
select study.publish('analysis', 'authenticated');

create function desk.analysis_grades(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'analyst');
    perform study.check_that((select s.state = 'unblinded' from study.studies s where s.study = analysis_grades.study), 'RS423',
        'Results are shown once the study is closed and unblinded.');
    return (select coalesce(jsonb_agg(jsonb_build_object('case', g.case_key, 'line', g.line, 'scale', g.scale, 'version', g.version,
        'grade', g.grade, 'source', g.source, 'grader', g.grader, 'at', g.at) order by g.seq), '[]') from study.grades g where g.study = analysis_grades.study);
end $$;
select study.publish('analysis_grades', 'authenticated');
