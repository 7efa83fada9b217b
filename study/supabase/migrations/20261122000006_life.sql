-- A study's life: opened (frozen under one hash), paused, closed, unblinded. Each is an act in the study's chain.

-- sha256 of 'readerstudy-frozen-1', the protocol's hash, then a line 'key hash' a case in order of key.
create function study.frozen(study uuid) returns text
language sql stable set search_path = ''
begin atomic
    select encode(study.digest(concat_ws(E'\n', 'readerstudy-frozen-1', s.protocol_hash,
        (select string_agg(c.key || ' ' || c.hash, E'\n' order by c.key collate "C") from study.cases c where c.study = s.study))), 'hex')
    from study.studies s where s.study = frozen.study;
end;

-- What a study of real patients must say before anyone reads it; null when nothing is missing.
create function study.undeclared(s study.studies) returns text
language sql immutable set search_path = ''
begin atomic
    select string_agg(field, ', ') from unnest(array['ethics', 'controller', 'contact', 'purpose', 'withdrawal', 'retention', 'telemetry',
        'pay'])
        as field where not s.synthetic and coalesce(s.meta ->> field, '') = '';
end;

create function desk.open_study(study uuid, warnings jsonb, reasons jsonb, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, warnings, reasons);
    reply jsonb := study.repeated(somebody, request_id, 'open_study', arguments);
    s study.studies;
    missing text;
begin
    if reply is not null then
        perform study.membership(study, 'coordinator');
        return reply;
    end if;
    s := study.coordinated(study, 'draft');
    perform study.check_that(s.protocol is not null, 'RS400', 'The study has no protocol; set one before opening.');
    perform study.check_that(exists (select from study.cases c where c.study = s.study and not c.practice), 'RS400',
        'The study has no cases beyond practice; add cases before opening.');
    perform study.check_that(exists (select from study.allocations a where a.study = s.study), 'RS400',
        'Nobody is allocated any case; add an allocation before opening.');
    select string_agg(kind, ', ') into missing from jsonb_object_keys(warnings) as kind where coalesce(reasons ->> kind, '') = '';
    perform study.check_that(missing is null, 'RS400', format('The bundle has warnings of kind %s; give a reason for each kind.', missing));
    missing := study.undeclared(s);
    perform study.check_that(missing is null, 'RS400',
        format('A study of real cases does not open without these fields of study.yaml: %s.', missing));
    update study.studies t set state = 'open', opened_at = clock_timestamp(), frozen_hash = study.frozen(s.study),
        warnings = open_study.warnings, reasons = open_study.reasons where t.study = s.study;
    perform study.note(s.study, 'opened', jsonb_build_object('frozen', study.frozen(s.study), 'warnings', warnings, 'reasons', reasons,
        'heads', study.heads(s.study)));
    return study.keep(somebody, request_id, 'open_study', arguments, jsonb_build_object('state', 'open', 'frozen', study.frozen(s.study)));
end $$;
select study.publish('open_study', 'authenticated');

-- One change of state, with its reason in the chain.
create function study.move(study uuid, act text, reason text, request_id uuid, new_state text, variadic states text[]) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, reason);
    reply jsonb := study.repeated(somebody, request_id, act, arguments);
    s study.studies;
begin
    perform study.membership(study, 'coordinator');
    if reply is not null then return reply; end if;
    -- Turns hold the other side of this lock: none of them ends after the study's state has changed.
    perform pg_advisory_xact_lock(hashtextextended(study::text, 13));
    s := study.coordinated(study, variadic states);
    update study.studies t set state = new_state,
        closed_at = case when new_state = 'closed' then clock_timestamp() else t.closed_at end,
        unblinded_at = case when new_state = 'unblinded' then clock_timestamp() else t.unblinded_at end
    where t.study = s.study;
    perform study.note(s.study, case act when 'pause_study' then 'paused' when 'resume_study' then 'resumed'
        when 'close_study' then 'closed' else 'unblinded' end,
        jsonb_build_object('reason', reason) ||
        case when new_state in ('closed', 'unblinded') then jsonb_build_object('heads', study.heads(s.study)) else '{}' end);
    return study.keep(somebody, request_id, act, arguments, jsonb_build_object('state', new_state));
end $$;

create function desk.pause_study(study uuid, reason text, request_id uuid) returns jsonb
language sql security definer set search_path = ''
begin atomic
    select study.move(study, 'pause_study', reason, request_id, 'paused', 'open');
end;
select study.publish('pause_study', 'authenticated');

create function desk.resume_study(study uuid, reason text, request_id uuid) returns jsonb
language sql security definer set search_path = ''
begin atomic
    select study.move(study, 'resume_study', reason, request_id, 'open', 'paused');
end;
select study.publish('resume_study', 'authenticated');

create function desk.close_study(study uuid, reason text, request_id uuid) returns jsonb
language sql security definer set search_path = ''
begin atomic
    select study.move(study, 'close_study', reason, request_id, 'closed', 'open', 'paused');
end;
select study.publish('close_study', 'authenticated');

create function desk.unblind(study uuid, reason text, request_id uuid) returns jsonb
language sql security definer set search_path = ''
begin atomic
    select study.move(study, 'unblind', reason, request_id, 'unblinded', 'closed');
end;
select study.publish('unblind', 'authenticated');
