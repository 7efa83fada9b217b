-- The coordinator's view of a running study, which knows progress and no correctness; withdrawal and reopening.

create function desk.studies() returns jsonb
language sql stable security definer set search_path = ''
begin atomic
    select coalesce(jsonb_agg(jsonb_build_object('study', s.study, 'slug', s.slug, 'title', s.title, 'state', s.state, 'synthetic',
        s.synthetic,
        'languages', s.languages, 'created_at', s.created_at, 'opened_at', s.opened_at) order by s.created_at), '[]')
    from study.studies s
    where exists (select from study.members m where m.study = s.study and m.person = study.caller() and m.role <> 'reader');
end;
select study.publish('studies', 'authenticated');

create function desk.study_status(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    s study.studies;
begin
    perform study.membership(study, 'coordinator', 'analyst', 'grader', 'runner');
    select t.* into strict s from study.studies t where t.study = study_status.study;
    return to_jsonb(s) - 'seed' || jsonb_build_object(
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
select study.publish('study_status', 'authenticated');

-- Readers by cases: state alone. A reader's cells are one text with a character a case, in the order of `cases`: . none, a assigned,
-- r reading, p paused, c completed, s skipped, w withdrawn, x excluded, t technical. Those open now come with step, steps and day.
create function desk.matrix(study uuid) returns json
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare total integer;
begin
    perform study.membership(study, 'coordinator');
    select count(*) into total from study.cases c where c.study = matrix.study;
    return (select json_build_object(
        'now', clock_timestamp(),
        'cases', (select coalesce(json_agg(json_build_object('key', c.key, 'practice', c.practice, 'language', c.language)
                    order by c.position), '[]') from study.cases c where c.study = matrix.study),
        'readers', (select coalesce(json_agg(json_build_object('member', m.handle, 'pseudonym', m.pseudonym, 'kind', m.kind,
                        'state', m.state, 'trial', m.trial, 'cells', rpad(coalesce(x.cells, ''), total, '.'),
                        'open', coalesce(o.cells, '[]')) order by m.kind, m.pseudonym), '[]')
                    from study.members m
                    left join (select r.member, string_agg(r.sign, '' order by r.place) as cells
                               from study.readings r where r.study = matrix.study group by r.member) x on x.member = m.member
                    left join (select r.member, json_agg(json_build_array(r.case_key, r.step, r.steps, study.day(r.last_at))) as cells
                               from study.readings r where r.study = matrix.study and r.state in ('reading', 'paused')
                               group by r.member) o on o.member = m.member
                    where m.study = matrix.study and m.role = 'reader')));
end $$;
select study.publish('matrix', 'authenticated');

-- The readings of one reader in the matrix, in the order of its cases; `reading` is the handle by which one is reopened.
create function desk.matrix_reader(study uuid, member uuid) returns json
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare m study.members;
begin
    perform study.membership(study, 'coordinator');
    select t.* into m from study.members t where t.study = matrix_reader.study and t.handle = matrix_reader.member
        and t.role = 'reader';
    perform study.check_that(m.member is not null, 'RS404', 'There is no such reader for you.');
    return (select coalesce(json_agg(json_build_object('reading', r.handle, 'case', r.case_key, 'state', r.state, 'step', r.step,
            'steps', r.steps, 'last', study.day(r.last_at), 'attempt', r.attempt) order by r.place), '[]')
        from study.readings r where r.member = m.member);
end $$;
select study.publish('matrix_reader', 'authenticated');

-- The people of a study by name: the one place where names and pseudonyms meet.
create function desk.people(study uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
begin
    perform study.membership(study, 'coordinator');
    return (select coalesce(jsonb_agg(jsonb_build_object('member', m.handle, 'pseudonym', m.pseudonym, 'role', m.role, 'kind', m.kind,
            'state', m.state, 'trial', m.trial, 'languages', m.languages, 'name', d.name, 'email', d.email,
            'invitation', i.invitation, 'invited_at', i.created_at, 'redeemed_at', i.redeemed_at) order by m.role, m.pseudonym), '[]')
        from study.members m left join study.identities d on d.member = m.member
        left join study.invitations i on i.member = m.member and i.revoked_at is null
        where m.study = people.study);
end $$;
select study.publish('people', 'authenticated');

-- Which results are whose: the one function that tells both ids of a reader. Each use is an act in the study's chain, with its reason;
-- the act itself names the handle alone.
create function desk.link_reader(member uuid, reason text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(member, reason);
    reply jsonb := study.repeated(somebody, request_id, 'link_reader', arguments);
    m study.members;
begin
    if reply is not null then return reply; end if;
    select t.* into m from study.members t where t.handle = link_reader.member;
    perform study.check_that(m.member is not null and exists (select from study.members c where c.study = m.study and c.person = somebody
        and c.role = 'coordinator'), 'RS404', 'There is no such member for you.');
    perform study.check_that(m.role = 'reader', 'RS400', 'Only readers have results.');
    perform study.check_that(btrim(coalesce(reason, '')) <> '' and length(reason) <= 1000, 'RS400',
        'Give the reason for linking a reader to their results, at most 1,000 characters.');
    perform study.note(m.study, 'linked', jsonb_build_object('member', m.handle, 'reason', reason));
    return study.keep(somebody, request_id, 'link_reader', arguments,
        jsonb_build_object('pseudonym', m.pseudonym, 'result_id', m.result_id));
end $$;
select study.publish('link_reader', 'authenticated');

-- Erases what a member wrote: payloads, drafts, telemetry, profile, identity, and the digests of their requests. The chain holds.
create function study.erase(m study.members) returns integer
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    one uuid;
    erased integer := 0;
    here integer;
begin
    for one in select r.reading from study.readings r where r.member = m.member order by r.reading loop
        perform set_config('study.erasing', one::text, true);
        update study.event_payloads p set payload = null, nonce = null where p.reading = one and p.payload is not null;
        get diagnostics here = row_count;
        erased := erased + here;
        delete from study.drafts d where d.reading = one;
        delete from study.telemetry t where t.reading = one;
    end loop;
    perform set_config('study.erasing', '', true);
    delete from study.identities d where d.member = m.member;
    delete from study.requests q where q.actor = m.person;
    update study.members t set profile = '{}' where t.member = m.member;
    return erased;
end $$;

create function study.withdraw(m study.members, mode text, reason text) returns jsonb
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings;
    erased integer := 0;
begin
    perform study.check_that(mode in ('keep', 'exclude', 'erase'), 'RS400', 'A withdrawal keeps, excludes or erases what was answered.');
    perform study.check_that(m.state <> 'excluded' or mode <> 'keep', 'RS409', 'What was excluded or erased stays so.');
    for r in select t.* from study.readings t where t.member = m.member order by t.reading for update loop
        if mode <> 'keep' or r.state in ('assigned', 'reading', 'paused') then
            r := study.record(r, 'withdrawn', r.step, clock_timestamp(), jsonb_build_object('mode', mode), '{}', null);
            r.state := case mode when 'keep' then 'withdrawn' else 'excluded' end;
            perform study.project(r);
        end if;
    end loop;
    update study.members t set state = case mode when 'keep' then 'withdrawn' else 'excluded' end where t.member = m.member;
    update study.invitations i set revoked_at = clock_timestamp() where i.member = m.member and i.revoked_at is null;
    if mode = 'erase' then erased := study.erase(m); end if;
    -- This act lies on the side of the results, whose payloads are gone. The reason of an erasure may say who: it is not kept.
    perform study.note(m.study, 'withdrawn', jsonb_build_object('member', m.member, 'mode', mode, 'payloads_erased', erased,
        'reason', case when mode <> 'erase' then reason end));
    return jsonb_build_object('mode', mode, 'payloads_erased', erased);
end $$;

create function desk.withdraw_reader(member uuid, mode text, reason text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(member, mode, reason);
    reply jsonb := study.repeated(somebody, request_id, 'withdraw_reader', arguments);
    m study.members;
begin
    if reply is not null then return reply; end if;
    select t.* into m from study.members t where t.handle = withdraw_reader.member;
    perform study.check_that(m.member is not null and exists (select from study.members c where c.study = m.study and c.person = somebody
        and c.role = 'coordinator'), 'RS404', 'There is no such member for you.');
    perform study.check_that(m.role = 'reader', 'RS400', 'Only readers are withdrawn.');
    perform 1 from study.members t where t.member = m.member for update;
    return study.keep(somebody, request_id, 'withdraw_reader', arguments, study.withdraw(m, mode, reason));
end $$;
select study.publish('withdraw_reader', 'authenticated');

create function desk.leave_study(study uuid, mode text, reason text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    m study.members := study.membership(study, 'reader');
    reply jsonb := study.repeated(m.person, request_id, 'leave_study', jsonb_build_array(study, mode, reason));
begin
    if reply is not null then return reply; end if;
    perform 1 from study.members t where t.member = m.member for update;
    return study.keep(m.person, request_id, 'leave_study', jsonb_build_array(study, mode, reason), study.withdraw(m, mode, reason));
end $$;
select study.publish('leave_study', 'authenticated');

-- A new attempt of a reading, from its first step; what was locked before stays and is exported.
create function desk.reopen_reading(reading uuid, reason text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(reading, reason);
    reply jsonb := study.repeated(somebody, request_id, 'reopen_reading', arguments);
    r study.readings;
begin
    if reply is not null then return reply; end if;
    select t.* into r from study.readings t where t.handle = reopen_reading.reading for update;
    perform study.check_that(r.reading is not null and exists (select from study.members c where c.study = r.study and c.person = somebody
        and c.role = 'coordinator'), 'RS404', 'There is no such reading for you.');
    perform study.coordinated(r.study, 'open', 'paused');
    perform study.check_that(btrim(coalesce(reason, '')) <> '', 'RS400', 'Give the reason for reopening.');
    perform study.check_that((select m.state not in ('withdrawn', 'excluded') from study.members m where m.member = r.member), 'RS423',
        'This reader has left the study.');
    perform study.check_that(r.state in ('completed', 'skipped', 'technical'), 'RS409',
        format('The reading is %s; only a finished one is reopened.', r.state));
    r := study.record(r, 'reopened', r.step, clock_timestamp(), jsonb_build_object('reason', reason), '{}', request_id);
    r.attempt := r.attempt + 1;
    r.step := -1;
    r.state := 'assigned';
    r.opened_at := null; r.deadline := null; r.limit_kind := null; r.locked_at := null;
    perform study.project(r);
    perform study.note(r.study, 'reopened', jsonb_build_object('reading', r.handle, 'attempt', r.attempt));
    return study.keep(somebody, request_id, 'reopen_reading', arguments, jsonb_build_object('attempt', r.attempt));
end $$;
select study.publish('reopen_reading', 'authenticated');
