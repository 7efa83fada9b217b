-- Turning the page: the one way on. A turn locks the present step and releases the next in one transaction.

create function study.script_step(r study.readings, step integer) returns jsonb
language sql stable set search_path = ''
begin atomic
    select c.content -> 'steps' -> script_step.step from study.scripts c where c.study = r.study and c.hash = r.script;
end;

create function study.check_confidence(step jsonb, answer jsonb, answered boolean) returns void
language plpgsql immutable set search_path = ''
as $$
#variable_conflict use_variable
begin
    if answer ? 'confidence' and jsonb_typeof(answer -> 'confidence') <> 'null' then
        perform study.check_that(jsonb_typeof(answer -> 'confidence') = 'number' and answer ->> 'confidence' ~ '^([0-9]|[1-9][0-9]|100)$',
            'RS400', 'The confidence is a whole per cent from 0 to 100.');
    elsif answered then
        perform study.check_that((step ->> 'confidence')::boolean is not true, 'RS400',
            'Give the confidence, a whole per cent from 0 to 100.');
    end if;
end $$;

-- An answer's keys and the types of their values, so that whatever reads the record later finds what it expects.
create function study.check_keys(answer jsonb, types jsonb) returns void
language plpgsql immutable set search_path = ''
as $$
#variable_conflict use_variable
declare
    wrong text;
begin
    select string_agg(x.key, ', ') into wrong from jsonb_each(answer) as x
    where not coalesce(types -> x.key ? jsonb_typeof(x.value), false);
    perform study.check_that(wrong is null, 'RS400', format('The answer has parts that do not belong there: %s.', wrong));
end $$;

create function study.check_differential(step jsonb, answer jsonb) returns void
language plpgsql immutable set search_path = ''
as $$
#variable_conflict use_variable
declare
    named integer;
begin
    perform study.check_keys(answer,
        '{"lines": ["array"], "none": ["boolean"], "unchanged": ["boolean"], "confidence": ["number", "null"]}');
    perform study.check_that(jsonb_typeof(answer -> 'lines') = 'array' and jsonb_array_length(answer -> 'lines') <= 50, 'RS400',
        'A differential is a list of at most 50 lines.');
    perform study.check_that(not exists (select from jsonb_array_elements(answer -> 'lines') as l
        where jsonb_typeof(l) <> 'string' or length(l #>> '{}') > 300), 'RS400',
            'A line of the differential is a text of at most 300 characters.');
    select count(*) into named from jsonb_array_elements_text(answer -> 'lines') as l where btrim(l) <> '';
    perform study.check_that((named = 0) = coalesce((answer ->> 'none')::boolean, false), 'RS400',
        'Name at least one diagnosis, or say that you can name none; not both.');
    perform study.check_that(named > 0 or (step ->> 'cannot_name')::boolean is not false, 'RS400', 'Here a diagnosis must be named.');
    perform study.check_that(named = 0 or named >= coalesce((step ->> 'min_lines')::integer, 1), 'RS400',
        format('Name at least %s diagnoses.', step ->> 'min_lines'));
    perform study.check_confidence(step, answer, named > 0);
end $$;

create function study.check_open(step jsonb, answer jsonb) returns void
language plpgsql immutable set search_path = ''
as $$
#variable_conflict use_variable
declare
    named boolean := btrim(coalesce(answer ->> 'diagnosis', '')) <> '';
begin
    perform study.check_keys(answer, '{"diagnosis": ["string", "null"], "none": ["boolean"], "confidence": ["number", "null"]}');
    perform study.check_that(length(coalesce(answer ->> 'diagnosis', '')) <= 300, 'RS400',
        'A diagnosis is a text of at most 300 characters.');
    perform study.check_that(named <> coalesce((answer ->> 'none')::boolean, false), 'RS400',
        'Name the one diagnosis that you would sign, or say that you can name none; not both.');
    perform study.check_confidence(step, answer, named);
end $$;

create function study.check_selection(r study.readings, step jsonb, answer jsonb) returns void
language plpgsql immutable set search_path = ''
as $$
#variable_conflict use_variable
declare
    choice text := answer ->> 'choice';
begin
    perform study.check_keys(answer, '{"choice": ["string", "null"], "confidence": ["number", "null"]}');
    perform study.check_that(choice is not null or (step ->> 'cannot_tell')::boolean is true, 'RS400', 'Choose one of the options.');
    perform study.check_that(choice is null or choice ~ '^[A-Z]$' and ascii(choice) - 64 <= cardinality(r.option_order), 'RS400',
        format('There is no option %L.', choice));
    perform study.check_confidence(step, answer, choice is not null);
end $$;

create function study.check_closing(answer jsonb) returns void
language plpgsql immutable set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.check_keys(answer, '{"seen_before": ["string"], "looked_up": ["boolean"], "comment": ["string", "null"]}');
    perform study.check_that(coalesce(answer ->> 'seen_before', 'no') in ('no', 'unsure', 'yes'), 'RS400',
        'Say whether you had seen the case before: no, unsure or yes.');
    perform study.check_that(length(coalesce(answer ->> 'comment', '')) <= 5000, 'RS400', 'A comment has at most 5,000 characters.');
end $$;

create function study.check_answer(r study.readings, step jsonb, answer jsonb) returns void
language plpgsql immutable set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.check_that(jsonb_typeof(answer) = 'object' and length(answer::text) <= 20000, 'RS400',
        'An answer is an object of at most 20,000 characters.');
    case step ->> 'kind'
        when 'ddx' then perform study.check_differential(step, answer);
        when 'open' then perform study.check_open(step, answer);
        when 'selection' then perform study.check_selection(r, step, answer);
        when 'show' then perform study.check_that(answer = '{}', 'RS400', 'Evidence takes no answer.');
        else perform study.check_closing(answer);
    end case;
end $$;

-- Releases the step after the present one, or completes the reading; a limit's deadline counts from the release.
create function study.release(r study.readings, request_id uuid) returns study.readings
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    moment timestamptz := clock_timestamp();
    next_step jsonb;
begin
    r.step := r.step + 1;
    r.deadline := null;
    r.limit_kind := null;
    if r.step >= r.steps then
        r := study.record(r, 'completed', r.step, moment, '{}', '{}', request_id);
        r.state := 'completed';
        r.opened_at := null;
        r.locked_at := r.last_at;
        r.completed_attempt := coalesce(r.completed_attempt, r.attempt);
        return r;
    end if;
    next_step := study.script_step(r, r.step);
    r := study.record(r, 'shown', r.step, moment, jsonb_build_object('kind', next_step -> 'kind', 'evidence',
        coalesce(next_step -> 'evidence', '[]')),
                      '{}', request_id);
    r.opened_at := r.last_at;
    if jsonb_typeof(next_step -> 'limit') = 'object' then
        r.limit_kind := next_step -> 'limit' ->> 'kind';
        r.deadline := r.opened_at + make_interval(secs => (next_step -> 'limit' ->> 'seconds')::double precision);
    end if;
    return r;
end $$;

-- What of a draft can stand as an answer: the parts that a lock would take, whatever else the browser had kept in it.
create function study.usable(r study.readings, step jsonb, draft jsonb) returns jsonb
language plpgsql immutable set search_path = ''
as $$
#variable_conflict use_variable
declare
    kept jsonb;
begin
    if step ->> 'kind' = 'selection' and draft ->> 'choice' is null and (draft ->> 'cannot_tell')::boolean is not true then
        return '{}'::jsonb;  -- not chosen yet is not "cannot tell"
    end if;
    select coalesce(jsonb_object_agg(x.key, x.value), '{}') into kept from jsonb_each(draft) as x
    where x.key = any (case step ->> 'kind' when 'ddx' then '{lines,none,unchanged,confidence}'
        when 'open' then '{diagnosis,none,confidence}' when 'selection' then '{choice,confidence}'
        when 'closing' then '{seen_before,looked_up,comment}' else '{}' end::text[]);
    perform study.check_answer(r, step - 'confidence' - 'min_lines', kept);
    return kept;
exception when others then
    return '{}'::jsonb;
end $$;

-- Acts on a hard limit that has passed by more than the grace of five seconds: the last draft is locked, dated at the deadline.
create function study.act_on_deadline(r study.readings) returns study.readings
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    kept jsonb;
    passed integer := r.step;
begin
    if r.state <> 'reading' or r.limit_kind is distinct from 'hard' or clock_timestamp() <= r.deadline + interval '5 seconds' then
        return r;
    end if;
    delete from study.drafts d where d.reading = r.reading and d.attempt = r.attempt and d.step = passed returning d.body into kept;
    kept := study.usable(r, study.script_step(r, r.step), kept);
    r := study.record(r, 'timed_out', r.step, r.deadline, coalesce(kept, '{}') || jsonb_build_object('deadline', r.deadline), '{}', null);
    return study.release(r, null);
end $$;

-- Whether the study takes answers now.
create function study.check_open_for_reading(r study.readings) returns void
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    s study.studies;
    m study.members;
begin
    perform pg_advisory_xact_lock_shared(hashtextextended(r.study::text, 13));
    select t.* into strict s from study.studies t where t.study = r.study;
    perform study.check_that(s.state = 'open', 'RS423', case s.state
        when 'paused' then 'The study is paused; your answers so far are kept. Try again later.'
        else format('The study is %s; no more answers are taken.', s.state) end);
    select t.* into strict m from study.members t where t.member = r.member;
    perform study.check_that(m.kind = 'model' or m.state = 'consented', 'RS403', 'Reading needs your consent first.');
    perform study.check_that(r.state not in ('withdrawn', 'excluded', 'technical'), 'RS423',
        format('This reading is %s; it takes no more answers.', r.state));
end $$;

-- Readings are begun in their order, one at a time; a model's samples may run beside each other.
create function study.check_turn_to_begin(r study.readings) returns void
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    if (select m.kind from study.members m where m.member = r.member) = 'model' then return; end if;
    perform pg_advisory_xact_lock(hashtextextended(r.member::text, 17));
    perform study.check_that(not exists (select from study.readings o where o.member = r.member and o.reading <> r.reading
        and o.state in ('reading', 'paused')), 'RS409', 'Another case is still open; finish or skip it first.');
    perform study.check_that(not exists (select from study.readings o where o.member = r.member and o.state = 'assigned' and o.attempt = 1
        and r.attempt = 1 and (o.practice and not r.practice or o.practice = r.practice and o.position < r.position)), 'RS409',
        'The cases are read in their order; an earlier one has not been begun.');
end $$;

-- Whether this step ran out of time and its lock, which comes too late, has not been kept yet.
create function study.missed(r study.readings, step integer) returns boolean
language sql stable set search_path = ''
begin atomic
    select count(*) filter (where e.kind = 'timed_out') = 1 and count(*) filter (where e.kind = 'late') = 0 from study.events e
    where e.reading = r.reading and e.attempt = r.attempt and e.step = missed.step;
end;

-- Locks one step and releases the next; what is returned is the verdict alone.
create function study.turn(reading uuid, step integer, attempt integer, answer jsonb, client jsonb, request_id uuid) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(reading, step, attempt, answer);
    r study.readings := study.own_reading(reading, true);
    before study.readings := r;
    verdict jsonb := study.repeated(somebody, request_id, 'turn', arguments);
    act text := 'locked';
begin
    if verdict is not null then return verdict; end if;
    perform study.check_open_for_reading(r);
    r := study.act_on_deadline(r);
    if r.attempt is distinct from attempt or r.state not in ('assigned', 'reading') or r.step is distinct from step then
        act := case when r.attempt = attempt and study.missed(r, step) then 'late' else 'stale' end;
    end if;
    if act = 'late' then
        perform study.check_answer(r, study.script_step(r, step), answer);
        r := study.record(r, 'late', step, clock_timestamp(), answer, client, request_id);
    elsif act = 'locked' and r.step = -1 then
        perform study.check_turn_to_begin(r);
        act := 'begun';
        r := study.record(r, 'begun', -1, clock_timestamp(), '{}', client, request_id);
        r.state := 'reading';
        r.begun_at := coalesce(r.begun_at, r.last_at);
        r := study.release(r, request_id);
    elsif act = 'locked' then
        perform study.check_answer(r, study.script_step(r, r.step), answer);
        r := study.record(r, 'locked', r.step, clock_timestamp(), answer, client, request_id);
        delete from study.drafts d where d.reading = r.reading and d.attempt = r.attempt and d.step = turn.step;
        r := study.release(r, request_id);
    end if;
    if r.count > before.count then perform study.project(r); end if;
    verdict := jsonb_build_object('ok', act in ('locked', 'begun'), 'kind', act, 'step', step, 'at', nullif(r.last_at, '-infinity'),
        'state', r.state);
    -- A stale page is told so and forgotten: its request may come again and then still be stale.
    return case when act = 'stale' then verdict else study.keep(somebody, request_id, 'turn', arguments, verdict) end;
end $$;

create function study.with_page(verdict jsonb, reading uuid) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
begin
    return jsonb_build_object('verdict', verdict, 'page', study.page(study.own_reading(reading, false)));
end $$;

create function desk.turn(reading uuid, step integer, attempt integer, answer jsonb, client jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    verdict jsonb := study.turn(reading, step, attempt, answer, client, request_id);
begin
    return study.with_page(verdict, reading);
end $$;
select study.publish('turn', 'authenticated');
