-- Models as readers: a member without an account, whose pages a runner turns; and the grading of what everybody wrote.

create function desk.enrol_model(study uuid, name text, details jsonb, samples integer, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    runner study.members := study.membership(study, 'runner');
    arguments jsonb := jsonb_build_array(study, name, details, samples);
    reply jsonb := study.repeated(runner.person, request_id, 'enrol_model', arguments);
    m study.members;
begin
    if reply is not null then return reply; end if;
    perform study.check_that((select s.state in ('open', 'paused') from study.studies s where s.study = enrol_model.study), 'RS423',
        'Models join an open study.');
    perform study.check_that(name ~ '^[A-Za-z0-9][A-Za-z0-9._:/@ -]{0,99}$' and samples between 1 and 200, 'RS400',
        'A model''s name has at most 100 letters, digits and . _ : / @ - and a run has 1 to 200 samples.');
    perform study.check_that(not exists (select from study.members t where t.study = enrol_model.study and t.model = name), 'RS409',
        format('The model %L takes part already.', name));
    for number in 1 .. samples loop
        insert into study.members (study, role, kind, pseudonym, state, model, sample, details)
        values (enrol_model.study, 'reader', 'model', name || '#' || number, 'consented', name, number, enrol_model.details)
        returning * into m;
        perform study.allot(m, 'models');
    end loop;
    perform study.note(study, 'model_enrolled', jsonb_build_object('name', name, 'samples', samples, 'details', details));
    return study.keep(runner.person, request_id, 'enrol_model', arguments, jsonb_build_object('name', name, 'samples', samples));
end $$;
select study.publish('enrol_model', 'authenticated');

create function desk.model_readings(study uuid, name text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'runner');
    return (select coalesce(jsonb_agg(jsonb_build_object('member', m.member, 'name', m.model, 'sample', m.sample, 'details', m.details,
            'readings', study.reading_rows(m.member)) order by m.model, m.sample), '[]')
        from study.members m where m.study = model_readings.study and m.kind = 'model' and (name is null or m.model = name));
end $$;
select study.publish('model_readings', 'authenticated');

create table study.grades (
    study uuid not null references study.studies,
    case_key text not null,
    line text not null,
    scale text not null,
    version text not null,
    grade integer not null,
    grader uuid not null,
    source text not null,
    note text,
    at timestamptz not null default clock_timestamp(),
    seq bigint generated always as identity,
    primary key (study, case_key, line, scale, version, grader, seq),
    foreign key (study, case_key) references study.cases (study, key)
);
alter table study.grades enable row level security;
create trigger append_only before update or delete or truncate on study.grades
    for each statement execute function study.append_only();

-- Every diagnosis that anybody locked for a real case, once a case and wording, in an order that tells nothing of its author.
create function study.lines(study uuid) returns table (case_key text, line text)
language sql stable set search_path = ''
begin atomic
    select distinct r.case_key, btrim(l.line)
    from study.readings r
    join study.members m on m.member = r.member and not m.trial
    join study.events e on e.reading = r.reading and e.kind in ('locked', 'timed_out')
    join study.event_payloads p on p.reading = e.reading and p.seq = e.seq and p.payload is not null
    cross join lateral (
        select jsonb_array_elements_text(case when jsonb_typeof(p.payload::jsonb -> 'lines') = 'array'
            then p.payload::jsonb -> 'lines' else '[]' end)
        union all select p.payload::jsonb ->> 'diagnosis') as l(line)
    where r.study = lines.study and not r.practice and r.state not in ('excluded') and btrim(coalesce(l.line, '')) <> '';
end;

-- Whoever grades knows the truth: graders at any time, coordinators only once no more readings can be changed.
create function study.grading_member(study uuid) returns study.members
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_variable
declare m study.members := study.membership(study, 'grader');
begin
    perform study.check_that((select s.state in ('closed', 'unblinded') from study.studies s where s.study = grading_member.study)
        or not exists (select from study.members c where c.study = m.study and c.person = m.person and c.role = 'coordinator'), 'RS423',
        'A coordinator grades after the study is closed; until then a grader who does not run the study may.');
    return m;
end $$;

create function desk.grading_lines(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.grading_member(study);
    return jsonb_build_object(
        'cases', (select coalesce(jsonb_object_agg(t.case_key, t.diagnosis), '{}') from study.truths t where t.study = grading_lines.study),
        'lines', (select coalesce(jsonb_agg(jsonb_build_object('case', l.case_key, 'line',
            l.line) order by encode(study.digest(l.case_key || l.line), 'hex')), '[]')
                  from study.lines(grading_lines.study) l),
        'grades', (select coalesce(jsonb_agg(jsonb_build_object('case', g.case_key, 'line', g.line, 'scale', g.scale, 'version', g.version,
                      'grade', g.grade, 'source', g.source, 'at', g.at) order by g.seq), '[]')
                   from study.grades g where g.study = grading_lines.study));
end $$;
select study.publish('grading_lines', 'authenticated');

-- The bytes of one grade as a digest, from the stored row alone; the acts of grading seal these.
create function study.grade_digest(g study.grades) returns text
language sql stable set search_path = ''
begin atomic
    select encode(study.digest(concat_ws(E'\n', g.seq, g.case_key, encode(study.digest(g.line), 'hex'), g.scale, g.version, g.grade,
        g.grader,
        encode(study.digest(g.source), 'hex'), encode(study.digest(coalesce(g.note, '')), 'hex'), study.stamp(g.at))), 'hex');
end;

-- Grades are added, never overwritten: the newest of a grader counts, and all of them are exported.
create function desk.save_grades(study uuid, items jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.grading_member(study);
    arguments jsonb := jsonb_build_array(study, items);
    reply jsonb := study.repeated(m.person, request_id, 'save_grades', arguments);
    unknown text;
    body jsonb;
begin
    if reply is not null then return reply; end if;
    perform study.check_that(jsonb_typeof(items) = 'array' and jsonb_array_length(items) between 1 and 1000, 'RS400',
        'A call takes 1 to 1,000 grades.');
    select string_agg(distinct i ->> 'case', ', ') into unknown from jsonb_array_elements(items) as i
    where not exists (select from study.cases c where c.study = save_grades.study and c.key = i ->> 'case');
    perform study.check_that(unknown is null, 'RS400', format('The study has no case %s.', unknown));
    perform study.check_that(not exists (select from jsonb_array_elements(items) as i where (i ->> 'grade')::integer not between 0 and 5),
        'RS400', 'A grade is a whole number from 0 to 5.');
    -- The study's row lock makes the numbers of its grades follow the order of its acts.
    perform 1 from study.studies s where s.study = m.study for no key update;
    with given as (
        insert into study.grades (study, case_key, line, scale, version, grade, grader, source, note)
        select m.study, i.item ->> 'case', i.item ->> 'line', i.item ->> 'scale', i.item ->> 'version', (i.item ->> 'grade')::integer,
               m.member, coalesce(i.item ->> 'source', 'human'), i.item ->> 'note'
        from jsonb_array_elements(items) with ordinality as i(item, place) order by i.place returning *)
    select jsonb_build_object('count', count(*), 'digest', encode(study.digest(concat_ws(E'\n', 'readerstudy-grades-1',
        string_agg(study.grade_digest(g), E'\n' order by g.seq))), 'hex'))
    into body from given g;
    perform study.note(study, 'graded', body);
    return study.keep(m.person, request_id, 'save_grades', arguments, jsonb_build_object('saved', jsonb_array_length(items)));
end $$;
select study.publish('save_grades', 'authenticated');
