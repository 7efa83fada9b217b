-- Who a grader thinks wrote a line, where the study's plan asks: it stays with the grade, is told to no other grader, and is sealed with it.
alter table study.grades add column guess text check (guess in ('human', 'model', 'unsure'));

-- As before for a grade without a guess: what is null takes no line of its own.
create or replace function study.grade_digest(g study.grades) returns text
language sql stable set search_path = ''
begin atomic
    select encode(study.digest(concat_ws(E'\n', g.seq, g.case_key, encode(study.digest(g.line), 'hex'), g.scale, g.version, g.grade,
        g.grader,
        encode(study.digest(g.source), 'hex'), encode(study.digest(coalesce(g.note, '')), 'hex'), study.stamp(g.at), g.guess)), 'hex');
end;

create or replace function desk.save_grades(study uuid, items jsonb, request_id uuid) returns jsonb
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
    perform study.check_that(not exists (select from jsonb_array_elements(items) as i
        where coalesce(i ->> 'guess', 'unsure') not in ('human', 'model', 'unsure')), 'RS400',
        'Who wrote a line is guessed as human, model or unsure.');
    perform study.check_that(not exists (select from jsonb_array_elements(items) as i where i ->> 'guess' is not null)
        or (select (s.protocol #>> '{plan,guess_source}')::boolean from study.studies s where s.study = m.study) is true, 'RS400',
        'This study''s plan does not ask graders who wrote a line: leave the guess out.');
    -- The study's row lock makes the numbers of its grades follow the order of its acts.
    perform 1 from study.studies s where s.study = m.study for no key update;
    with given as (
        insert into study.grades (study, case_key, line, scale, version, grade, grader, source, note, guess)
        select m.study, i.item ->> 'case', i.item ->> 'line', i.item ->> 'scale', i.item ->> 'version', (i.item ->> 'grade')::integer,
               m.member, coalesce(i.item ->> 'source', 'human'), i.item ->> 'note', i.item ->> 'guess'
        from jsonb_array_elements(items) with ordinality as i(item, place) order by i.place returning *)
    select jsonb_build_object('count', count(*), 'digest', encode(study.digest(concat_ws(E'\n', 'readerstudy-grades-1',
        string_agg(study.grade_digest(g), E'\n' order by g.seq))), 'hex'))
    into body from given g;
    perform study.note(study, 'graded', body);
    return study.keep(m.person, request_id, 'save_grades', arguments, jsonb_build_object('saved', jsonb_array_length(items)));
end $$;

create or replace function desk.analysis_grades(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'analyst');
    perform study.check_that((select s.state = 'unblinded' from study.studies s where s.study = analysis_grades.study), 'RS423',
        'Results are shown once the study is closed and unblinded.');
    return (select coalesce(jsonb_agg(jsonb_build_object('case', g.case_key, 'line', g.line, 'scale', g.scale, 'version', g.version,
        'grade', g.grade, 'source', g.source, 'grader', g.grader, 'at', g.at, 'note', g.note,
        'guess', g.guess) order by g.seq), '[]')
            from study.grades g where g.study = analysis_grades.study);
end $$;
