-- What an export tells of models' calls once the study is unblinded: how many of each model in each condition, for which purpose, came to
-- which outcome, with tokens and cost as they were reported and the time that replies took. Cached replies took nothing and are counted
-- apart. The time is that of the result which told it.
create function desk.export_calls(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    perform study.check_that((select s.state = 'unblinded' from study.studies s where s.study = export_calls.study), 'RS423',
        'Calls are exported once the study is closed and unblinded.');
    return (select coalesce(jsonb_agg(to_jsonb(s) order by s.model, s.condition, s.purpose, s.outcome), '[]') from (
        select c.model, coalesce(m.condition, '') as condition, c.purpose, coalesce(x.outcome, 'in flight') as outcome, count(*) as calls,
            count(*) filter (where x.details ? 'cached') as cached, count(*) filter (where x.paid = 'perhaps') as uncertain,
            sum((x.details ->> 'input_tokens')::bigint) filter (where not x.details ? 'cached') as input_tokens,
            sum((x.details ->> 'output_tokens')::bigint) filter (where not x.details ? 'cached') as output_tokens,
            sum((x.details ->> 'cost')::numeric) filter (where not x.details ? 'cached') as cost,
            count((x.details ->> 'milliseconds')::numeric) filter (where not x.details ? 'cached') as timed,
            percentile_cont(0.5) within group (order by (x.details ->> 'milliseconds')::float8)
                filter (where not x.details ? 'cached') as median_ms,
            percentile_cont(0.95) within group (order by (x.details ->> 'milliseconds')::float8)
                filter (where not x.details ? 'cached') as p95_ms
        from study.calls c
        left join study.readings r on r.reading = c.reading left join study.members m on m.member = r.member
        left join lateral (
            select (array_agg(y.outcome order by y.number desc))[1] as outcome, coalesce((array_agg(y.details order by y.number desc)
                filter (where y.details ? 'milliseconds'))[1], '{}') as details,
                (array_agg(y.details ->> 'paid' order by y.number desc))[1] as paid
            from study.call_results y where y.call = c.call) x on true
        where c.study = export_calls.study group by 1, 2, 3, 4) s);
end $$;
select study.publish('export_calls', 'authenticated');
