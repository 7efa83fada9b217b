-- What results can depend on: the study's chain up to its last event that is neither a taking away nor a coming of people.
create function study.results_head(study uuid) returns text
language sql stable set search_path = ''
begin atomic
    select e.hash from study.study_events e
    where e.study = results_head.study
      and e.kind not in ('exported', 'linked', 'invited', 'reissued', 'joined', 'removed', 'moved', 'stayed', 'arrived')
    order by e.seq desc limit 1;
end;

create or replace function desk.study_status(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    s study.studies;
begin
    perform study.membership(study, 'coordinator', 'analyst', 'grader', 'runner');
    select t.* into strict s from study.studies t where t.study = study_status.study;
    return to_jsonb(s) - 'seed' || jsonb_build_object(
        'results_head', study.results_head(s.study),
        'undeclared', study.undeclared(s),
        'cases', (select count(*) from study.cases c where c.study = s.study and not c.practice),
        'practice_cases', (select count(*) from study.cases c where c.study = s.study and c.practice),
        'readers', (select coalesce(jsonb_object_agg(x.state, x.n), '{}') from (select m.state, count(*) as n from study.members m
            where m.study = s.study and m.role = 'reader' and m.kind = 'human' group by m.state) x),
        'models', (select count(*) from study.members m where m.study = s.study and m.kind = 'model'),
        'readings', (select coalesce(jsonb_object_agg(x.state, x.n), '{}') from (select r.state, count(*) as n from study.readings r
            where r.study = s.study and not r.practice group by r.state) x),
        'places', (select coalesce(jsonb_object_agg(x.pool, x.n), '{}') from (select a.pool, count(*) as n from study.allocations a
            where a.study = s.study and a.member is null group by a.pool) x),
        'now', clock_timestamp());
end $$;
