-- Judges beside human graders: who gave a grade and under which terms is told with it, and what judges were asked holds the truth.

-- The notes of judges alone: what a clinician remarks is not for the others who grade.
create or replace function desk.grading_lines(study uuid) returns jsonb
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
                      'grade', g.grade, 'source', g.source, 'grader', g.grader, 'at', g.at,
                      'note', case when g.source like 'judge:%' then g.note end) order by g.seq), '[]')
                   from study.grades g where g.study = grading_lines.study));
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
        'grade', g.grade, 'source', g.source, 'grader', g.grader, 'at', g.at, 'note', g.note) order by g.seq), '[]')
            from study.grades g where g.study = analysis_grades.study);
end $$;

-- Whether the caller may be told the truth of a study's cases now: as a grader who does not run it, or once it is closed.
create function study.may_grade(m study.members) returns boolean
language sql stable set search_path = ''
begin atomic
    select exists (select from study.members g where g.study = m.study and g.person = m.person and g.role = 'grader')
        and (exists (select from study.studies s where s.study = m.study and s.state in ('closed', 'unblinded'))
            or not exists (select from study.members c where c.study = m.study and c.person = m.person and c.role = 'coordinator'))
        or exists (select from study.studies s where s.study = m.study and s.state = 'unblinded');
end;

-- As before, but what a judge was asked and answered is told to nobody who may not grade: it holds the truth.
create or replace function desk.calls_page(study uuid, after bigint, amount integer, brief boolean default true) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.membership(study, 'runner', 'analyst');
    told boolean := study.may_grade(m);
begin
    perform study.check_that(amount between 1 and 1000, 'RS400', 'A chunk has 1 to 1,000 calls.');
    perform study.check_that(exists (select from study.members n where n.study = m.study and n.person = m.person and n.role = 'runner')
        or (select s.state = 'unblinded' from study.studies s where s.study = m.study), 'RS423',
        'Calls are shown to analysts once the study is unblinded.');
    return (select study.chunk(array_agg(y.key order by y.seq), array_agg(y.item order by y.seq), amount) from (
        select c.seq, c.seq::text as key, to_jsonb(c) - 'study' - case when w.short then 'request' else '' end
            || jsonb_build_object('results', coalesce((select jsonb_agg(case when w.short then to_jsonb(x) - 'call' - 'response'
                else to_jsonb(x) - 'call' end order by x.number) from study.call_results x where x.call = c.call), '[]')) as item
        from study.calls c cross join lateral (select brief or c.purpose = 'judge' and not told as short) w
        where c.study = m.study and c.seq > coalesce(after, 0) order by c.seq limit amount) y);
end $$;
