-- What a reader does beside turning pages: opening, drafts, readiness, flags, pause, skip.

create function desk.open_reading(reading uuid, visit uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings := study.own_reading(reading, true);
    before study.readings := r;
    study_state text;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended(r.study::text, 13));
    select s.state into study_state from study.studies s where s.study = r.study;
    perform study.check_that(study_state <> 'unblinded' or r.state not in ('assigned', 'reading', 'paused'), 'RS423',
        'The study is unblinded; no reading is opened any more.');
    if study_state = 'open' then
        r := study.act_on_deadline(r);
        if r.state in ('reading', 'paused') and open_reading.visit is not null and r.visit is distinct from open_reading.visit then
            r := study.record(r, 'revisited', r.step, clock_timestamp(), '{}', jsonb_build_object('visit', open_reading.visit), null);
        end if;
    end if;
    r.visit := coalesce(open_reading.visit, r.visit);
    if r.count > before.count or r.visit is distinct from before.visit then perform study.project(r); end if;
    return study.page(r);
end $$;
select study.publish('open_reading', 'authenticated');

-- Keeps a draft: only a newer one of the same tab, or one of a tab opened later, replaces what is there.
create function desk.save_draft(reading uuid, step integer, attempt integer, tab text, number bigint, body jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings := study.own_reading(reading, true);
    earlier study.drafts;
    moment timestamptz := clock_timestamp();
begin
    perform study.check_open_for_reading(r);
    perform study.check_that(jsonb_typeof(body) = 'object' and length(body::text) <= 20000 and length(tab) <= 64, 'RS400',
        'A draft is an object of at most 20,000 characters.');
    if r.state <> 'reading' or r.attempt <> attempt or step < r.step or step >= r.steps
       or (r.limit_kind = 'hard' and moment > r.deadline + interval '5 seconds')
       or (step > r.step and (study.script_step(r, step) ->> 'kind' <> 'ddx' or exists (
           select from generate_series(r.step, step - 1) as between_step where study.script_step(r, between_step) ->> 'kind' <> 'show')))
    then
        return jsonb_build_object('state', 'locked', 'saved_at', moment);
    end if;
    select d.* into earlier from study.drafts d where d.reading = r.reading and d.step = save_draft.step and d.attempt = r.attempt;
    if earlier.number >= number then
        return jsonb_build_object('state', case when earlier.tab = tab then 'stale' else 'other-tab' end, 'saved_at', earlier.saved_at);
    end if;
    insert into study.drafts as d (reading, step, attempt, tab, number, body, saved_at)
    values (r.reading, save_draft.step, r.attempt, save_draft.tab, save_draft.number, save_draft.body, moment)
    on conflict on constraint drafts_pkey do update
        set tab = excluded.tab, number = excluded.number, body = excluded.body, saved_at = excluded.saved_at;
    return jsonb_build_object('state', 'saved', 'saved_at', moment);
end $$;
select study.publish('save_draft', 'authenticated');

-- Readiness is stamped once for a step and attempt: the same again tells the first stamp, so its request id names the event alone.
create function desk.mark_ready(reading uuid, step integer, attempt integer, client jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings := study.own_reading(reading, true);
    earlier timestamptz;
begin
    perform study.check_open_for_reading(r);
    select e.at into earlier from study.events e
    where e.reading = r.reading and e.kind = 'ready' and e.step = mark_ready.step and e.attempt = mark_ready.attempt limit 1;
    if earlier is not null then return jsonb_build_object('at', earlier, 'first', false); end if;
    perform study.check_that(r.attempt = attempt and r.step = step and r.state in ('reading', 'paused'), 'RS409',
        'This step is not on the screen any more.');
    r := study.record(r, 'ready', step, clock_timestamp(), '{}', client, request_id);
    perform study.project(r);
    return jsonb_build_object('at', r.last_at, 'first', true);
end $$;
select study.publish('mark_ready', 'authenticated');

create function desk.save_telemetry(reading uuid, step integer, attempt integer, tab text, number bigint, body jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings := study.own_reading(reading, true);
begin
    perform study.check_that(length(body::text) <= 8000 and length(tab) <= 64, 'RS400',
        'A piece of telemetry has at most 8,000 characters.');
    perform study.check_that(attempt = r.attempt and step between -1 and r.step, 'RS409', 'This step is not on the screen.');
    perform study.check_that((select count(*) < 5000 from study.telemetry t where t.reading = r.reading), 'RS429',
        'This reading has sent all the telemetry that is kept.');
    insert into study.telemetry (reading, step, attempt, tab, number, body)
    values (r.reading, save_telemetry.step, r.attempt, save_telemetry.tab, save_telemetry.number, save_telemetry.body)
    on conflict on constraint telemetry_pkey do nothing;
    return jsonb_build_object('saved_at', clock_timestamp());
end $$;
select study.publish('save_telemetry', 'authenticated');

-- Whether the protocol offers it: skipping at all, and a flag of this kind. What it does not mention is offered.
create function study.allowed(r study.readings, kind text, payload jsonb) returns boolean
language sql stable set search_path = ''
begin atomic
    select case kind
        when 'skipped' then coalesce((s.protocol ->> 'skip')::boolean, true)
        when 'flagged' then coalesce(s.protocol -> 'flags', jsonb_build_array(payload -> 'kind')) ? (payload ->> 'kind')
        else true end
    from study.studies s where s.study = r.study;
end;

-- One event on a reading that the caller may write to, with its reply kept under the request id.
create function study.act(reading uuid, function text, kind text, step integer, payload jsonb, request_id uuid,
    new_state text) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(reading, step, payload);
    r study.readings;
    reply jsonb;
begin
    r := study.own_reading(reading, true);
    reply := study.repeated(somebody, request_id, function, arguments);
    if reply is not null then return reply; end if;
    perform study.check_open_for_reading(r);
    if kind <> 'flagged' then r := study.act_on_deadline(r); end if;
    perform study.check_that(case kind when 'paused' then r.state = 'reading' when 'resumed' then r.state = 'paused'
        when 'skipped' then r.state = 'reading' and r.step = act.step else r.state <> 'assigned' end, 'RS409',
        format('The reading is %s at this moment; look at the page again.', r.state));
    perform study.check_that(kind <> 'skipped' or study.labelled(r, (select c.content from study.scripts c
        where c.study = r.study and c.hash = r.script)) is null, 'RS409',
            'The options have been shown; this case cannot be skipped any more.');
    perform study.check_that(kind <> 'flagged' or step is null or step between -1 and r.step, 'RS409', 'This step has not been shown yet.');
    perform study.check_that(study.allowed(r, kind, payload), 'RS403', 'The protocol of this study does not offer this.');
    r := study.record(r, kind, coalesce(step, r.step), clock_timestamp(), payload, '{}', request_id);
    if kind = 'resumed' and r.deadline is not null then r.deadline := r.deadline + (r.last_at - r.paused_at); end if;
    if kind in ('paused', 'resumed') then r.paused_at := case when kind = 'paused' then r.last_at end; end if;
    r.state := coalesce(new_state, r.state);
    if kind = 'skipped' then r.locked_at := r.last_at; end if;
    perform study.project(r);
    return study.keep(somebody, request_id, function, arguments, jsonb_build_object('ok', true, 'kind', kind, 'at', r.last_at, 'state',
        r.state));
end $$;

create function study.skip_case(reading uuid, step integer, reason text, request_id uuid) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.check_that(btrim(coalesce(reason, '')) <> '' and length(reason) <= 1000, 'RS400',
        'Give the reason for skipping, at most 1,000 characters.');
    return study.act(reading, 'skip_case', 'skipped', step, jsonb_build_object('reason', reason), request_id, 'skipped');
end $$;

create function desk.skip_case(reading uuid, step integer, reason text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare verdict jsonb := study.skip_case(reading, step, reason, request_id);
begin return study.with_page(verdict, reading); end $$;
select study.publish('skip_case', 'authenticated');

create function study.flag(reading uuid, step integer, kind text, words text, request_id uuid) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.check_that(kind in ('insufficient', 'ambiguous', 'image-unusable', 'content-wrong', 'recognise-case', 'recognise-patient',
        'technical', 'patient-safety'), 'RS400', format('There is no flag %L.', kind));
    perform study.check_that(length(coalesce(words, '')) <= 2000, 'RS400', 'A flag''s text has at most 2,000 characters.');
    return study.act(reading, 'flag', 'flagged', step, jsonb_build_object('kind', kind, 'text', words), request_id, null);
end $$;

create function desk.flag(reading uuid, step integer, kind text, words text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare verdict jsonb := study.flag(reading, step, kind, words, request_id);
begin return study.with_page(verdict, reading); end $$;
select study.publish('flag', 'authenticated');

create function desk.pause(reading uuid, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare verdict jsonb := study.act(reading, 'pause', 'paused', null, '{}', request_id, 'paused');
begin return study.with_page(verdict, reading); end $$;
select study.publish('pause', 'authenticated');

create function desk.resume(reading uuid, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare verdict jsonb := study.act(reading, 'resume', 'resumed', null, '{}', request_id, 'reading');
begin return study.with_page(verdict, reading); end $$;
select study.publish('resume', 'authenticated');

-- Many acts in one call, item by item, by the same code: each has its own request id and verdict, and one that fails spoils no other.
create function desk.turns(items jsonb) returns jsonb
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
                when 'turn' then study.turn((a ->> 'reading')::uuid, (a ->> 'step')::integer, (a ->> 'attempt')::integer, a -> 'answer',
                    a -> 'client', (a ->> 'request_id')::uuid)
                when 'skip_case' then study.skip_case((a ->> 'reading')::uuid, (a ->> 'step')::integer, a ->> 'reason',
                    (a ->> 'request_id')::uuid)
                when 'flag' then study.flag((a ->> 'reading')::uuid, (a ->> 'step')::integer, a ->> 'kind', a ->> 'words',
                    (a ->> 'request_id')::uuid)
            end;
            perform study.check_that(verdict is not null, 'RS400', 'An item names no function that takes many: turn, skip_case or flag.');
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
select study.publish('turns', 'authenticated');
