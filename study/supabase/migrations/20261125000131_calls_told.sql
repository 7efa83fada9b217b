-- What the record tells of models' calls: to a worker that takes a reading over, to one that would ask the same again, to whoever counts.

-- The calls of one reading's present attempt with all their results, oldest first: what a worker that takes it over need not ask again.
create function desk.reading_calls(study uuid, reading uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    runner study.members := study.membership(study, 'runner');
begin
    return (select coalesce(jsonb_agg(to_jsonb(c) - 'study' || jsonb_build_object('results', coalesce((
            select jsonb_agg(to_jsonb(x) - 'call' order by x.number) from study.call_results x where x.call = c.call), '[]')) order by c.started_at, c.seq), '[]')
        from study.calls c join study.readings r on r.reading = c.reading and r.study = runner.study and c.attempt = r.attempt
        where c.reading = reading_calls.reading);
end $$;
select study.publish('reading_calls', 'authenticated');

-- The newest answers to requests with these keys that still count, wherever the caller runs models: what need not be paid for twice.
create function desk.kept_replies(keys jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare somebody uuid := study.caller();
begin
    perform study.check_that(jsonb_typeof(keys) = 'array' and jsonb_array_length(keys) <= 200, 'RS400', 'A call takes at most 200 keys.');
    return (select coalesce(jsonb_object_agg(k.key, k.found), '{}') from (
        select distinct on (c.key) c.key, jsonb_build_object('call', c.call, 'response', x.response, 'details', x.details) as found
        from study.calls c join study.call_results x on x.call = c.call and x.outcome = 'ok'
            and not exists (select from study.call_results y where y.call = c.call and y.number > x.number)
        where c.key in (select jsonb_array_elements_text(keys)) and exists (select from study.members m
            where m.study = c.study and m.person = somebody and m.role = 'runner')
        order by c.key, x.at desc) k);
end $$;
select study.publish('kept_replies', 'authenticated');

-- Calls in their order with their results, in chunks of about half a megabyte; the request left out where `brief`.
create function desk.calls_page(study uuid, after bigint, amount integer, brief boolean default true) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.membership(study, 'runner', 'analyst');
begin
    perform study.check_that(amount between 1 and 1000, 'RS400', 'A chunk has 1 to 1,000 calls.');
    perform study.check_that(exists (select from study.members n where n.study = m.study and n.person = m.person and n.role = 'runner')
        or (select s.state = 'unblinded' from study.studies s where s.study = m.study), 'RS423',
        'Calls are shown to analysts once the study is unblinded.');
    return (select study.chunk(array_agg(y.key order by y.seq), array_agg(y.item order by y.seq), amount) from (
        select c.seq, c.seq::text as key, to_jsonb(c) - 'study' - case when brief then 'request' else '' end || jsonb_build_object('results',
            coalesce((select jsonb_agg(case when brief then to_jsonb(x) - 'call' - 'response' else to_jsonb(x) - 'call' end order by x.number)
                from study.call_results x where x.call = c.call), '[]')) as item
        from study.calls c where c.study = m.study and c.seq > coalesce(after, 0) order by c.seq limit amount) y);
end $$;
select study.publish('calls_page', 'authenticated');

-- How the calls of each model stand: by condition, purpose and last outcome (null while in flight), with tokens and cost as they were
-- reported, those of cached replies left out. `lost` counts calls that were lost at some time, `uncertain` those that were perhaps
-- paid without anybody being told.
create function desk.calls_summary(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    runner study.members := study.membership(study, 'runner');
begin
    return (select coalesce(jsonb_agg(to_jsonb(s) order by s.model, s.condition, s.purpose, s.outcome), '[]') from (
        select c.model, m.condition, c.purpose, x.outcome, count(*) as calls,
            sum((x.details ->> 'input_tokens')::bigint) filter (where not x.details ? 'cached') as input_tokens,
            sum((x.details ->> 'output_tokens')::bigint) filter (where not x.details ? 'cached') as output_tokens,
            sum((x.details ->> 'cost')::numeric) filter (where not x.details ? 'cached') as cost,
            sum((x.details ->> 'milliseconds')::numeric) as milliseconds,
            count(*) filter (where x.details ? 'cached') as cached, count(*) filter (where x.lost) as lost,
            count(*) filter (where x.paid = 'perhaps') as uncertain
        from study.calls c
        left join study.readings r on r.reading = c.reading left join study.members m on m.member = r.member
        left join lateral (
            select (array_agg(y.outcome order by y.number desc))[1] as outcome, coalesce((array_agg(y.details order by y.number desc)
                filter (where y.details ? 'milliseconds'))[1], '{}') as details,
                bool_or(y.outcome = 'lost') as lost, (array_agg(y.details ->> 'paid' order by y.number desc))[1] as paid
            from study.call_results y where y.call = c.call) x on true
        where c.study = runner.study group by c.model, m.condition, c.purpose, x.outcome) s);
end $$;
select study.publish('calls_summary', 'authenticated');
