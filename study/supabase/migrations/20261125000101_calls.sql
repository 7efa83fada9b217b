-- What was asked of models, and what they answered: a call is written as started before it is sent, and its result when its raw reply
-- has come, before anything reads it. Several workers share a study: each holds readings under leases that run out.

create table study.leases (
    reading uuid primary key references study.readings,
    worker uuid not null,
    number integer not null,
    until timestamptz not null
);
create index on study.leases (worker);

-- `request` holds the messages that this call adds to those of the call `after`, images by their hash; `digest` is of all of it.
create table study.calls (
    call uuid primary key,
    study uuid not null references study.studies,
    seq bigint generated always as identity,
    purpose text not null check (purpose in ('read', 'judge', 'options', 'probe')),
    model text not null,
    reading uuid references study.readings,
    step integer,
    attempt integer,
    sample integer,
    worker uuid not null,
    lease integer,
    key text not null check (key ~ '^[0-9a-f]{64}$'),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    request jsonb not null,
    after uuid,
    started_at timestamptz not null default clock_timestamp()
);
create index on study.calls (study, seq);
create index on study.calls (reading, attempt, step);
create index on study.calls (key);

-- Only `ok` is an answer. A call that was in flight when its worker went is `lost`, and perhaps paid for; its reply may come yet, as a
-- second result. `details`: what resolved, tokens, cost, latency, status, the error, where a cached reply came from.
create table study.call_results (
    call uuid not null references study.calls,
    number integer not null,
    outcome text not null check (outcome in ('ok', 'refused', 'truncated', 'invalid', 'failed', 'lost')),
    response text,
    details jsonb not null,
    at timestamptz not null default clock_timestamp(),
    primary key (call, number)
);

alter table study.leases enable row level security;
alter table study.calls enable row level security;
alter table study.call_results enable row level security;
create trigger append_only before update or delete or truncate on study.calls
    for each statement execute function study.append_only();
create trigger append_only before update or delete or truncate on study.call_results
    for each statement execute function study.append_only();

-- Whether a worker still holds a reading: its lease's number is the newest, and it has not run out.
create function study.holds(reading uuid, worker uuid, lease integer) returns boolean
language sql stable set search_path = ''
begin atomic
    select exists (select from study.leases l where l.reading = holds.reading and l.worker = holds.worker
        and l.number = holds.lease and l.until > clock_timestamp());
end;

create function study.check_holds(reading uuid, worker uuid, lease integer) returns void
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.check_that(study.holds(reading, worker, lease), 'RS409',
        'Another worker has taken this reading over, or the lease has run out; what you hold of it is void.');
end $$;

-- Up to `amount` unfinished readings of these models that nobody holds, sample by sample and practice first, leased to a worker for some
-- seconds; each with its lease.
-- `held` counts those that others hold, the first of which may come free after `seconds`.
create function desk.claim_readings(study uuid, names jsonb, condition text, worker uuid, amount integer, seconds integer)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    runner study.members := study.membership(study, 'runner');
    claimed jsonb;
begin
    perform study.check_that(worker is not null and amount between 1 and 500 and seconds between 1 and 3600, 'RS400',
        'A worker claims 1 to 500 readings for 1 to 3,600 seconds.');
    perform study.check_that((select s.state = 'open' from study.studies s where s.study = runner.study), 'RS423',
        'The study is not open; models read while it is.');
    with free as (
            select r.reading, m.model, m.sample, m.condition, r.practice, r.position from study.readings r join study.members m on m.member = r.member
            where r.study = runner.study and m.kind = 'model' and m.condition = claim_readings.condition
            and m.model in (select jsonb_array_elements_text(names)) and r.state in ('assigned', 'reading')
            and not exists (select from study.leases l where l.reading = r.reading and l.until > clock_timestamp())
            order by m.sample, r.practice desc, r.position, m.model for update of r skip locked limit amount),
        held as (
            insert into study.leases as l (reading, worker, number, until)
            select f.reading, claim_readings.worker, 1, clock_timestamp() + make_interval(secs => seconds) from free f
            on conflict on constraint leases_pkey do update
                set worker = excluded.worker, number = l.number + 1, until = excluded.until
            returning l.reading, l.number)
        select coalesce(jsonb_agg(jsonb_build_object('reading', f.reading, 'model', f.model, 'sample', f.sample, 'condition', f.condition,
            'lease', h.number) order by f.sample, f.practice desc, f.position, f.model), '[]')
        into claimed from free f join held h on h.reading = f.reading;
    return (select jsonb_build_object('claimed', claimed, 'held', count(*), 'seconds',
            round(extract(epoch from min(l.until) - clock_timestamp()), 3))
        from study.leases l join study.readings r on r.reading = l.reading and r.state in ('assigned', 'reading')
        join study.members m on m.member = r.member and m.condition = claim_readings.condition
        and m.model in (select jsonb_array_elements_text(names))
        where r.study = runner.study and l.worker <> claim_readings.worker and l.until > clock_timestamp());
end $$;
select study.publish('claim_readings', 'authenticated');

-- Longer for what a worker still holds; the readings that it does. Seconds 0 gives them back.
create function desk.renew_leases(study uuid, items jsonb, worker uuid, seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    runner study.members := study.membership(study, 'runner');
    still jsonb;
begin
    perform study.check_that(jsonb_typeof(items) = 'array' and jsonb_array_length(items) <= 500 and seconds between 0 and 3600, 'RS400',
        'A call takes at most 500 leases and 0 to 3,600 seconds.');
    with kept as (
            update study.leases l set until = clock_timestamp() + make_interval(secs => seconds)
            from jsonb_array_elements(items) as i join study.readings r on r.reading = (i ->> 'reading')::uuid and r.study = runner.study
            where l.reading = r.reading and l.worker = renew_leases.worker and l.number = (i ->> 'lease')::integer
            and l.until > clock_timestamp() returning l.reading)
        select coalesce(jsonb_agg(k.reading), '[]') into still from kept k;
    return still;
end $$;
select study.publish('renew_leases', 'authenticated');

create function study.start_call(runner study.members, item jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    read uuid := (item ->> 'reading')::uuid;
    this uuid := (item ->> 'call')::uuid;
    known study.calls;
begin
    select c.* into known from study.calls c where c.call = this;
    perform study.check_that(known.call is null or (known.study, known.digest) = (runner.study, item ->> 'digest'), 'RS409',
        'This call was begun before as something else.');
    if known.call is not null then return jsonb_build_object('call', this); end if;
    perform study.check_that((read is null) = (item ->> 'purpose' <> 'read'), 'RS400', 'A call reads a reading, or it reads none.');
    if read is not null then
        -- Locked first, so that nobody takes it over in between.
        perform 1 from study.readings r where r.reading = read and r.study = runner.study for share;
        perform study.check_that(found, 'RS404', 'There is no such reading for you.');
        perform study.check_holds(read, (item ->> 'worker')::uuid, (item ->> 'lease')::integer);
        -- Whatever an earlier holder had in flight there is lost: nobody waits for it any more.
        insert into study.call_results (call, number, outcome, details)
        select c.call, 1, 'lost', '{"paid": "perhaps"}' from study.calls c
        where c.reading = read and (c.worker, c.lease) is distinct from ((item ->> 'worker')::uuid, (item ->> 'lease')::integer)
        and not exists (select from study.call_results x where x.call = c.call)
        on conflict do nothing;  -- its reply has come at this very moment
    end if;
    insert into study.calls (call, study, purpose, model, reading, step, attempt, sample, worker, lease, key, digest, request, after)
    values (this, runner.study, item ->> 'purpose', item ->> 'model', read, (item ->> 'step')::integer, (item ->> 'attempt')::integer,
        (item ->> 'sample')::integer, (item ->> 'worker')::uuid, (item ->> 'lease')::integer, item ->> 'key', item ->> 'digest',
        item -> 'request', (item ->> 'after')::uuid);
    return jsonb_build_object('call', this);
end $$;

-- The call whose answer to a call's question was kept first and still counts; null where there is none. Two workers may have asked.
create function study.first_kept(this study.calls) returns uuid
language sql stable set search_path = ''
begin atomic
    select c.call from study.calls c
    join lateral (select x.outcome, x.at from study.call_results x where x.call = c.call order by x.number desc limit 1) x on x.outcome = 'ok'
    where c.reading = this.reading and c.attempt = this.attempt and c.step = this.step and c.digest = this.digest
    order by x.at, c.seq limit 1;
end;

-- Keeps a raw reply, also one whose worker has lost its lease meanwhile: whoever holds the reading now may use it. An answer that
-- turns out unreadable becomes `invalid` by a further result without a reply. The same again is the same result.
create function study.finish_call(runner study.members, item jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    this uuid := (item ->> 'call')::uuid;
    known study.calls;
    place integer;
    last study.call_results;
begin
    select c.* into known from study.calls c where c.call = this and c.study = runner.study for update;
    perform study.check_that(found, 'RS404', 'There is no such call in this study.');
    select x.* into last from study.call_results x where x.call = this order by x.number desc limit 1;
    if last.outcome = item ->> 'outcome' and last.response is not distinct from item ->> 'response' then
        return jsonb_build_object('call', this, 'number', last.number, 'first', study.first_kept(known));
    end if;
    perform study.check_that(last.call is null or last.outcome = 'lost'
        or last.outcome = 'ok' and item ->> 'outcome' = 'invalid' and item ->> 'response' is null, 'RS409', 'This call has its result already.');
    place := coalesce(last.number, 0) + 1;
    insert into study.call_results (call, number, outcome, response, details)
    values (this, place, item ->> 'outcome', item ->> 'response', coalesce(item -> 'details', '{}'));
    return jsonb_build_object('call', this, 'number', place, 'first', study.first_kept(known));
end $$;

-- A model's page turned by whoever holds the reading; with the page after it where that is asked for.
create function study.held_turn(runner study.members, item jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings := study.own_reading((item ->> 'reading')::uuid, true);  -- locked first, so that nobody takes it over in between
    verdict jsonb;
begin
    perform study.check_holds(r.reading, (item ->> 'worker')::uuid, (item ->> 'lease')::integer);
    verdict := study.turn(r.reading, (item ->> 'step')::integer, (item ->> 'attempt')::integer, item -> 'answer',
        item -> 'client', (item ->> 'request_id')::uuid);
    return case when (item ->> 'page')::boolean then study.with_page(verdict, r.reading) else jsonb_build_object('verdict', verdict) end;
end $$;

-- The page of a reading as it is now; nothing is written.
create function study.held_page(item jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    return study.page(study.own_reading((item ->> 'reading')::uuid, false));
end $$;

-- Ends a reading in which the model gave no answer that counts; what it gave is with its calls.
create function study.fail_reading(runner study.members, item jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    arguments jsonb := jsonb_build_array(item -> 'reading', item -> 'step', item -> 'attempt', item -> 'outcome', item -> 'reason');
    verdict jsonb := study.repeated(runner.person, (item ->> 'request_id')::uuid, 'fail_reading', arguments);
    r study.readings;
begin
    if verdict is not null then return verdict; end if;
    r := study.own_reading((item ->> 'reading')::uuid, true);
    perform study.check_holds(r.reading, (item ->> 'worker')::uuid, (item ->> 'lease')::integer);
    perform study.check_open_for_reading(r);
    perform study.check_that(r.state in ('assigned', 'reading') and (r.step, r.attempt) = ((item ->> 'step')::integer,
        (item ->> 'attempt')::integer), 'RS409', format('The reading is %s at step %s.', r.state, r.step));
    perform study.check_that(item ->> 'outcome' in ('refused', 'truncated', 'invalid', 'failed'), 'RS400',
        'A model fails by refusing, by a cut or an unreadable answer, or because no answer could be had.');
    r := study.record(r, 'failed', r.step, clock_timestamp(), jsonb_build_object('outcome', item ->> 'outcome', 'reason',
        left(item ->> 'reason', 1000)), '{}', (item ->> 'request_id')::uuid);
    r.state := 'failed';
    r.locked_at := r.last_at;
    r.opened_at := null; r.deadline := null; r.limit_kind := null;
    perform study.project(r);
    return study.keep(runner.person, (item ->> 'request_id')::uuid, 'fail_reading', arguments,
        jsonb_build_object('ok', true, 'kind', 'failed', 'step', r.step, 'at', r.last_at, 'state', r.state));
end $$;

-- Many acts of a worker in one call, item by item, each with its own verdict: page, start, finish, turn or fail.
create function desk.work(study uuid, items jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    runner study.members := study.membership(study, 'runner');
    item jsonb;
    replies jsonb := '[]'::jsonb;
    verdict jsonb;
    sentence text;
begin
    perform study.check_that(jsonb_typeof(items) = 'array' and jsonb_array_length(items) <= 200, 'RS400',
        'A call takes a list of at most 200 items.');
    for item in select * from jsonb_array_elements(items) loop
        begin
            verdict := case item ->> 'act'
                when 'start' then study.start_call(runner, item)
                when 'finish' then study.finish_call(runner, item)
                when 'turn' then study.held_turn(runner, item)
                when 'fail' then study.fail_reading(runner, item)
                when 'page' then study.held_page(item)
            end;
            perform study.check_that(verdict is not null, 'RS400', 'An item''s act is page, start, finish, turn or fail.');
        exception when others then
            get stacked diagnostics sentence = message_text;
            verdict := jsonb_build_object('error', case when left(sqlstate, 2) in ('22', '23')
                then jsonb_build_object('code', 'RS400', 'message', format('An argument of the item cannot be read: %s.', sentence))
                else jsonb_build_object('code', sqlstate, 'message', sentence) end);
        end;
        replies := replies || jsonb_build_array(verdict);
    end loop;
    return replies;
end $$;
select study.publish('work', 'authenticated');

-- A page turned without a lease, which nobody may do to a reading that a worker holds.
create function study.free_turn(reading uuid, step integer, attempt integer, answer jsonb, client jsonb, request_id uuid) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    if exists (select from study.leases l where l.reading = free_turn.reading and l.until > clock_timestamp()) then
        perform study.own_reading(reading, false);  -- to anybody else there is no such reading
        perform study.refuse('RS409', 'A worker holds this reading; it is read by that worker alone until its lease ends.');
    end if;
    return study.turn(reading, step, attempt, answer, client, request_id);
end $$;

create or replace function desk.turn(reading uuid, step integer, attempt integer, answer jsonb, client jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    verdict jsonb := study.free_turn(reading, step, attempt, answer, client, request_id);
begin
    return study.with_page(verdict, reading);
end $$;

create or replace function desk.turns(items jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    item jsonb;
    a jsonb;
    replies jsonb := '[]'::jsonb;
    verdict jsonb;
    sentence text;
begin
    perform study.check_that(jsonb_typeof(items) = 'array' and jsonb_array_length(items) <= 200, 'RS400',
        'A call takes a list of at most 200 items.');
    for item in select * from jsonb_array_elements(items) loop
        a := item -> 'arguments';
        begin
            verdict := case item ->> 'function'
                when 'turn' then study.free_turn((a ->> 'reading')::uuid, (a ->> 'step')::integer, (a ->> 'attempt')::integer, a -> 'answer',
                    a -> 'client', (a ->> 'request_id')::uuid)
                when 'skip_case' then study.skip_case((a ->> 'reading')::uuid, (a ->> 'step')::integer, a ->> 'reason',
                    (a ->> 'request_id')::uuid)
                when 'flag' then study.flag((a ->> 'reading')::uuid, (a ->> 'step')::integer, a ->> 'kind', a ->> 'words',
                    (a ->> 'request_id')::uuid)
                when 'save_draft' then desk.save_draft((a ->> 'reading')::uuid, (a ->> 'step')::integer, (a ->> 'attempt')::integer,
                    a ->> 'tab', (a ->> 'number')::bigint, a -> 'body')
                when 'save_telemetry' then desk.save_telemetry((a ->> 'reading')::uuid, (a ->> 'step')::integer,
                    (a ->> 'attempt')::integer, a ->> 'tab', (a ->> 'number')::bigint, a -> 'body')
            end;
            perform study.check_that(verdict is not null, 'RS400', 
                'An item names no function that takes many: turn, skip_case, flag, save_draft or save_telemetry.');
        exception when others then
            get stacked diagnostics sentence = message_text;
            -- A value of the wrong kind is bad input; what the server itself ran into keeps its own code.
            verdict := jsonb_build_object('error', case when left(sqlstate, 2) in ('22', '23')
                then jsonb_build_object('code', 'RS400', 'message', format('An argument of the item cannot be read: %s.', sentence))
                else jsonb_build_object('code', sqlstate, 'message', sentence) end);
        end;
        replies := replies || jsonb_build_array(verdict);
    end loop;
    return replies;
end $$;
