-- Readings asked for by their ids are taken for ids before anything is looked up. Inside a query it hung on the query's plan whether
-- a wrong id was refused or simply not found.

create or replace function desk.export_telemetry(study uuid, readings jsonb, after jsonb default null) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare asked uuid[];
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that(jsonb_array_length(readings) <= 100, 'RS400', 'A chunk has at most 100 readings.');
    asked := array(select (x)::uuid from jsonb_array_elements_text(readings) as x);
    return (select study.chunk(array_agg(x.key order by x.place), array_agg(x.item order by x.place), 2000) from (
        select jsonb_build_array(t.reading, t.step, t.attempt, t.tab, t.number)::text as key, to_jsonb(t) as item,
            row_number() over (order by t.reading, t.step, t.attempt, t.tab, t.number) as place
        from study.telemetry t join study.readings r on r.reading = t.reading and r.study = export_telemetry.study
        where t.reading = any (asked)
        and (after is null or (t.reading, t.step, t.attempt, t.tab, t.number) >
            ((after ->> 0)::uuid, (after ->> 1)::integer, (after ->> 2)::integer, after ->> 3, (after ->> 4)::bigint))
        order by t.reading, t.step, t.attempt, t.tab, t.number limit 2000) x);
end $$;

create or replace function desk.option_orders(study uuid, readings jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare asked uuid[];
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that((select p.owner from study.people p where p.person = study.caller()), 'RS403',
        'The seeds are read by the owner of the data folder alone.');
    perform study.check_that(jsonb_array_length(readings) <= 2000, 'RS400', 'A chunk has at most 2,000 readings.');
    asked := array(select (x)::uuid from jsonb_array_elements_text(readings) as x);
    return (select coalesce(jsonb_object_agg(r.reading, jsonb_build_object('seed', r.seed::text, 'order', to_jsonb(r.option_order))), '{}')
        from study.readings r where r.study = option_orders.study and r.reading = any (asked));
end $$;
