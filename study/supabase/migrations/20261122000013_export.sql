-- What leaves the database: heads first, then events up to those heads, so that a running study exports without gaps.
-- No reply is much larger than half a megabyte: rows come in chunks, cut where their sizes add up to that.

-- Notes every reading's head and count in the study's chain, in one act; the list itself is read as that act's body.
create function desk.export_heads(study uuid, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.membership(study, 'coordinator');
    reply jsonb := study.repeated(m.person, request_id, 'export_heads', to_jsonb(study));
    taken jsonb;
    act integer;
begin
    if reply is not null then return reply; end if;
    perform 1 from study.studies s where s.study = export_heads.study for no key update;
    taken := study.heads(study);
    perform study.note(study, 'exported', jsonb_build_object('heads', taken));
    select s.count into strict act from study.studies s where s.study = export_heads.study;
    return study.keep(m.person, request_id, 'export_heads', to_jsonb(study),
        jsonb_build_object('act', act, 'readings', jsonb_array_length(taken), 'at', clock_timestamp()));
end $$;
select study.publish('export_heads', 'authenticated');

-- The events of some readings, each up to the count that the heads named, after a place already taken; at most `amount` rows.
-- A row is an array: reading, seq, kind, step, attempt, actor, reader, at, request_id, client, payload_digest, previous, hash,
-- nonce, payload. An empty reply is the end.
create function desk.export_events(study uuid, upto jsonb, after_reading uuid, after_seq integer, amount integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that(amount between 1 and 5000, 'RS400', 'A chunk has 1 to 5,000 events.');
    return (select coalesce(jsonb_agg(jsonb_build_array(y.reading, y.seq, y.kind, y.step, y.attempt, y.actor, y.reader, study.stamp(y.at),
            y.request_id, y.client, y.payload_digest, y.previous, y.hash, encode(y.nonce, 'hex'), y.payload) order by y.reading, y.seq), '[]')
        from (select x.*, sum(500 + octet_length(x.client) + coalesce(octet_length(x.payload), 0)) over (order by x.reading, x.seq
                rows between unbounded preceding and 1 preceding) as bytes
            from (select e.*, p.nonce, p.payload
                from (select (u.key)::uuid as reading, (u.value)::integer as count from jsonb_each_text(upto) as u) as w
                join study.readings r on r.reading = w.reading and r.study = export_events.study
                join study.events e on e.reading = w.reading and e.seq <= w.count
                left join study.event_payloads p on p.reading = e.reading and p.seq = e.seq
                where after_reading is null or (e.reading, e.seq) > (after_reading, after_seq)
                order by e.reading, e.seq limit amount) x) y
        where coalesce(y.bytes, 0) < 600000);
end $$;
select study.publish('export_events', 'authenticated');

-- A case's options by their words. Authors write the right one first as often as not: their own order would be half the key.
create function study.sorted_options(t study.truths) returns jsonb
language sql immutable set search_path = ''
begin atomic
    select coalesce(jsonb_agg(o ->> 'text' order by (o ->> 'text') collate "C"), '[]') from jsonb_array_elements(t.options) as o;
end;

-- A reading's place in its options, as places in the sorted options.
create function study.sorted_order(option_order integer[], options jsonb) returns jsonb
language sql immutable set search_path = ''
begin atomic
    select coalesce(jsonb_agg((select count(*) from jsonb_array_elements(options) as o
        where (o ->> 'text') collate "C" < (options -> u.index ->> 'text') collate "C") order by u.place), '[]')
    from unnest(option_order) with ordinality as u(index, place);
end;

-- One table of the export in order of its key. Seeds, contents of cases and grades are told once the study is unblinded.
create function study.export_part(s study.studies, part text, after text, amount integer) returns table (key text, item jsonb)
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_variable
declare told boolean := s.state = 'unblinded';
begin
    case part
    when 'readings' then return query
        select r.reading::text, jsonb_build_object('reading', r.reading, 'member', r.member, 'case_key', r.case_key, 'position', r.position,
            'practice', r.practice, 'arm', r.arm, 'seed', case when told then r.seed::text end, 'script', r.script,
            'option_order', study.sorted_order(r.option_order, t.options), 'steps', r.steps, 'state', r.state, 'step', r.step,
            'attempt', r.attempt, 'completed_attempt', r.completed_attempt, 'head', r.head, 'count', r.count,
            'last_at', study.stamp(nullif(r.last_at, '-infinity')), 'begun_at', r.begun_at, 'locked_at', r.locked_at)
        from study.readings r join study.truths t on t.study = r.study and t.case_key = r.case_key
        where r.study = s.study and (after is null or r.reading > after::uuid) order by r.reading limit amount;
    when 'members' then return query
        select m.result_id, to_jsonb(m) - '{person,pseudonym,consent,study,role,handle}'::text[]
            || jsonb_build_object('consented_at', study.day(m.consented_at), 'instructed_at', study.day(m.instructed_at))
        from study.members m where m.study = s.study and m.role = 'reader' and (after is null or m.result_id > after)
        order by m.result_id limit amount;
    when 'cases' then return query
        select c.key, jsonb_build_object('key', c.key, 'position', c.position, 'version', c.version, 'language', c.language,
            'translation_of', c.translation_of, 'specialty', c.specialty, 'synthetic', c.synthetic, 'practice', c.practice, 'hash', c.hash,
            'options', study.sorted_options(t), 'content', case when told then c.content end)
        from study.cases c join study.truths t on t.study = c.study and t.case_key = c.key
        where c.study = s.study and (after is null or c.key > after) order by c.key limit amount;
    when 'scripts' then return query
        select k.hash, jsonb_build_object('hash', k.hash, 'content', k.content) from study.scripts k
        where k.study = s.study and (after is null or k.hash > after) order by k.hash limit amount;
    when 'media' then return query
        select d.sha256, to_jsonb(d) - 'study' from study.media d
        where d.study = s.study and (after is null or d.sha256 > after) order by d.sha256 limit amount;
    when 'grades' then
        perform study.check_that(told or (select p.owner from study.people p where p.person = study.caller()), 'RS423',
            'Grades are exported once the study is closed and unblinded.');
        return query select g.seq::text, to_jsonb(g) - 'study' || jsonb_build_object('at', study.stamp(g.at)) from study.grades g
        where g.study = s.study and (after is null or g.seq > after::bigint) order by g.seq limit amount;
    else
        perform study.refuse('RS400', format('The export has no part %L; it has readings, members, cases, scripts, media and grades.', part));
    end case;
end $$;

-- Rows in their order, as many as make about half a megabyte, and the key after which to go on; null at the end.
create function study.chunk(keys text[], items jsonb[], amount integer) returns jsonb
language sql immutable set search_path = ''
begin atomic
    with found as (select u.place, u.key, u.item, sum(octet_length(u.item::text)) over (order by u.place) - octet_length(u.item::text) as before
                   from unnest(keys, items) with ordinality as u(key, item, place)),
    kept as (select f.place, f.key, f.item from found f where f.before < 500000)
    select jsonb_build_object('rows', coalesce(jsonb_agg(k.item order by k.place), '[]'),
        'next', case when count(*) = amount or count(*) < coalesce(cardinality(keys), 0) then (array_agg(k.key order by k.place desc))[1] end)
    from kept k;
end;

create function desk.export_rows(study uuid, part text, after text, amount integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare s study.studies;
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that(amount between 1 and 2000, 'RS400', 'A chunk has 1 to 2,000 rows.');
    select t.* into strict s from study.studies t where t.study = export_rows.study;
    return (select study.chunk(array_agg(f.key order by f.place), array_agg(f.item order by f.place), amount)
            from study.export_part(s, part, after, amount) with ordinality as f(key, item, place));
end $$;
select study.publish('export_rows', 'authenticated');

-- The study itself: its protocol, texts, states, and where its own chain ends.
create function desk.export_study(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    return (select to_jsonb(s) || jsonb_build_object('seed', case when s.state = 'unblinded' then s.seed::text end, 'now', clock_timestamp())
            from study.studies s where s.study = export_study.study);
end $$;
select study.publish('export_study', 'authenticated');

-- What browsers measured in some readings, after a place already taken: [reading, step, attempt, tab, number].
create function desk.export_telemetry(study uuid, readings jsonb, after jsonb default null) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that(jsonb_array_length(readings) <= 100, 'RS400', 'A chunk has at most 100 readings.');
    return (select study.chunk(array_agg(x.key order by x.place), array_agg(x.item order by x.place), 2000) from (
        select jsonb_build_array(t.reading, t.step, t.attempt, t.tab, t.number)::text as key, to_jsonb(t) as item,
            row_number() over (order by t.reading, t.step, t.attempt, t.tab, t.number) as place
        from study.telemetry t join study.readings r on r.reading = t.reading and r.study = export_telemetry.study
        where t.reading in (select (x)::uuid from jsonb_array_elements_text(readings) as x)
        and (after is null or (t.reading, t.step, t.attempt, t.tab, t.number) >
            ((after ->> 0)::uuid, (after ->> 1)::integer, (after ->> 2)::integer, after ->> 3, (after ->> 4)::bigint))
        order by t.reading, t.step, t.attempt, t.tab, t.number limit 2000) x);
end $$;
select study.publish('export_telemetry', 'authenticated');

-- The study's own chain. A body too long for a chunk is null beside its length, and read in parts by act_body.
create function desk.study_chain(study uuid, after_seq integer, amount integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that(amount between 1 and 1000, 'RS400', 'A chunk has 1 to 1,000 events.');
    return (select coalesce(jsonb_agg(to_jsonb(y) - 'bytes' order by y.seq), '[]') from (
        select x.*, sum(coalesce(octet_length(x.body), 0) + 400) over (order by x.seq
            rows between unbounded preceding and 1 preceding) as bytes from (
            select c.study, c.seq, c.kind, c.actor, study.stamp(c.at) as at, case when length(c.body) <= 100000 then c.body end as body,
                length(c.body) as length, c.previous, c.hash
            from study.study_events c where c.study = study_chain.study and c.seq > after_seq order by c.seq limit amount) x) y
        where coalesce(y.bytes, 0) < 600000);
end $$;
select study.publish('study_chain', 'authenticated');

-- Part of the body of one act of the study's own chain, after so many characters; an empty text is its end.
create function desk.act_body(study uuid, seq integer, after integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare body text;
begin
    perform study.membership(study, 'coordinator');
    select c.body into body from study.study_events c where c.study = act_body.study and c.seq = act_body.seq;
    perform study.check_that(body is not null, 'RS404', 'The study''s chain has no such row.');
    return to_jsonb(substr(body, greatest(after, 0) + 1, 250000));
end $$;
select study.publish('act_body', 'authenticated');

-- Checks that need the hidden parts without showing them: each case's hash against its stored content is recomputed by the owner alone.
create function desk.case_contents(study uuid, after text default null) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that((select p.owner from study.people p where p.person = study.caller()), 'RS403',
        'The cases'' contents are read by the owner of the data folder alone.');
    return (select study.chunk(array_agg(x.key order by x.key), array_agg(x.item order by x.key), 200) from (
        select c.key, jsonb_build_object('key', c.key, 'content', c.content) as item from study.cases c
        where c.study = case_contents.study and (after is null or c.key > after) order by c.key limit 200) x);
end $$;
select study.publish('case_contents', 'authenticated');

-- The seed and the option order as drawn of some readings, so that the owner's own checks can draw them again.
create function desk.option_orders(study uuid, readings jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that((select p.owner from study.people p where p.person = study.caller()), 'RS403',
        'The seeds are read by the owner of the data folder alone.');
    perform study.check_that(jsonb_array_length(readings) <= 2000, 'RS400', 'A chunk has at most 2,000 readings.');
    return (select coalesce(jsonb_object_agg(r.reading, jsonb_build_object('seed', r.seed::text, 'order', to_jsonb(r.option_order))), '{}')
        from study.readings r where r.study = option_orders.study
        and r.reading in (select (x)::uuid from jsonb_array_elements_text(readings) as x));
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
        select r.reading, jsonb_build_object('reading', r.reading, 'reader', m.result_id, 'kind', m.kind, 'model', m.model, 'sample',
            m.sample,
            'case', r.case_key, 'translation_of', c.translation_of, 'specialty', c.specialty, 'language', c.language, 'position',
                r.position, 'arm', r.arm,
            'state', r.state, 'attempt', coalesce(r.completed_attempt, r.attempt),
            'answers', study.answers(jsonb_populate_record(r, jsonb_build_object('attempt', coalesce(r.completed_attempt, r.attempt)))),
            'options', (select coalesce(jsonb_agg(jsonb_build_object('label', chr(64 + o.place::integer), 'text',
                t.options -> o.index ->> 'text',
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
        'grade', g.grade, 'source', g.source, 'grader', g.grader, 'at', g.at) order by g.seq), '[]')
            from study.grades g where g.study = analysis_grades.study);
end $$;
select study.publish('analysis_grades', 'authenticated');
