-- What a runner must know of a case before a model is shown it: its key, and whether it may leave the institution. A page tells neither.

-- Whether a case may be shown to a model outside the institution: as its author wrote, else as it is synthetic or not.
create function study.external(c study.cases) returns boolean
language sql immutable set search_path = ''
begin atomic
    select coalesce((c.content -> 'permissions' ->> 'external_models')::boolean, c.synthetic);
end;

-- The case of each of these models' readings, at most 500 of them; without readings all cases of the study, before a model joins.
create function desk.model_cases(study uuid, readings jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    runner study.members := study.membership(study, 'runner');
begin
    if readings is null then
        return (select coalesce(jsonb_agg(jsonb_build_object('reading', null, 'case', c.key, 'practice', c.practice,
            'external', study.external(c)) order by c.position), '[]') from study.cases c where c.study = runner.study);
    end if;
    perform study.check_that(jsonb_typeof(readings) = 'array' and jsonb_array_length(readings) <= 500, 'RS400',
        'A call takes a list of at most 500 readings.');
    return (select coalesce(jsonb_agg(jsonb_build_object('reading', r.reading, 'case', c.key, 'practice', c.practice,
            'external', study.external(c)) order by i.place), '[]')
        from jsonb_array_elements_text(readings) with ordinality as i(reading, place)
        join study.readings r on r.reading = i.reading::uuid and r.study = runner.study
        join study.members m on m.member = r.member and m.kind = 'model'
        join study.cases c on c.study = r.study and c.key = r.case_key);
end $$;
select study.publish('model_cases', 'authenticated');
