-- Staff who are removed, codes that are replaced, and many posts of one person in one call.

create or replace function desk.about() returns jsonb
language sql stable security definer set search_path = ''
begin atomic
    select jsonb_build_object('schema', '2', 'home', case when study.in_the_box() then 'box' else 'supabase' end,
        'now', clock_timestamp());
end;

alter table study.members drop constraint members_state_check, add constraint members_state_check
    check (state in ('invited', 'joined', 'consented', 'declined', 'withdrawn', 'excluded', 'removed'));

-- Somebody who ran, graded or analysed the study and does so no more. What they did stays; their way in ends at once, and so do
-- their sessions where nothing else was theirs. The last coordinator stays.
create function desk.remove_member(member uuid, reason text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(member, reason);
    reply jsonb := study.repeated(somebody, request_id, 'remove_member', arguments);
    m study.members;
begin
    if reply is not null then return reply; end if;
    select t.* into m from study.members t where t.handle = remove_member.member;
    perform study.check_that(m.member is not null and exists (select from study.members c where c.study = m.study
        and c.person = somebody and c.role = 'coordinator'), 'RS404', 'There is no such member for you.');
    perform study.check_that(m.role <> 'reader', 'RS400', 'Readers are withdrawn, so that it is said what becomes of their answers.');
    perform study.check_that(btrim(coalesce(reason, '')) <> '' and length(reason) <= 1000, 'RS400',
        'Give the reason for the removal, at most 1,000 characters.');
    perform 1 from study.studies s where s.study = m.study for no key update;  -- two removals at once count each other
    perform study.check_that(m.role <> 'coordinator' or exists (select from study.members c where c.study = m.study
        and c.role = 'coordinator' and c.person is not null and c.member <> m.member), 'RS409',
        'This is the study''s only coordinator. Invite another first.');
    update study.members t set state = 'removed', person = null where t.member = m.member;
    update study.invitations i set revoked_at = clock_timestamp() where i.member = m.member and i.revoked_at is null;
    update study.sessions s set ended_at = clock_timestamp(), sealed = null where s.person = m.person and s.ended_at is null
        and not exists (select from study.members o where o.person = m.person)
        and not exists (select from study.people p where p.person = m.person and p.owner);
    perform study.note(m.study, 'removed', jsonb_build_object('member', m.handle, 'role', m.role, 'reason', reason));
    return study.keep(somebody, request_id, 'remove_member', arguments, jsonb_build_object('state', 'removed'));
end $$;
select study.publish('remove_member', 'authenticated');

create or replace function desk.reissue(invitation uuid, code_handle text, code_hash text, request_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(invitation, code_handle, code_hash);
    reply jsonb := study.repeated(somebody, request_id, 'reissue', arguments);
    m study.members;
begin
    if reply is not null then return reply; end if;
    select t.* into m from study.members t join study.invitations i on i.member = t.member where i.invitation = reissue.invitation;
    perform study.check_that(m.member is not null, 'RS404', 'There is no such invitation for you.');
    perform study.membership(m.study, 'coordinator');
    reply := jsonb_build_object('member', m.handle, 'invitation', study.issue(m.member, code_handle, code_hash));
    -- Where people sign in by e-mail, the new code is for whoever takes it up: the old account has no part in it any more.
    if not study.in_the_box() then
        update study.members t set person = null where t.member = m.member;
    end if;
    -- A code that is replaced may have been seen by somebody else: whoever signed in with it is signed out.
    update study.sessions s set ended_at = clock_timestamp() where s.person = m.person and s.ended_at is null;
    perform study.note(m.study, 'reissued', jsonb_build_object('member', m.handle));
    return study.keep(somebody, request_id, 'reissue', arguments, reply);
end $$;

-- Many acts in one call, item by item, by the same code: each has its own verdict, and one that fails spoils no other. Drafts and
-- measurements, which may be sent again anyway, have no request id.
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
                when 'turn' then study.turn((a ->> 'reading')::uuid, (a ->> 'step')::integer, (a ->> 'attempt')::integer, a -> 'answer',
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
