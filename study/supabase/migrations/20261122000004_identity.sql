-- Sign-in by invitation code, invitations, and what somebody is a member of.

-- Counts a wrong try and says how many are left; the fifth opens a pause of a quarter of an hour.
create function study.wrong_try(subject text) returns integer
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare total integer;
begin
    insert into study.tries as t (subject, wrong) values (wrong_try.subject, 1)
    on conflict on constraint tries_pkey do update
        set wrong = case when t.paused_until < clock_timestamp() then 1 else t.wrong + 1 end,
            paused_until = case when t.paused_until < clock_timestamp() then null else t.paused_until end
    returning t.wrong into total;
    if total >= 5 then
        update study.tries t set paused_until = clock_timestamp() + interval '15 minutes'
        where t.subject = wrong_try.subject and t.paused_until is null;
    end if;
    return greatest(5 - total, 0);
end $$;

-- Signs in by code. A wrong code is an answer, not an error: an error would roll the count of tries back.
create function desk.sign_in(code text, token_hash text, client text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    plain text := translate(upper(regexp_replace(coalesce(code, ''), '[^0-9A-Za-z]', '', 'g')), 'OIL', '011');
    subjects text[] := array['code:' || left(plain, 4), 'client:' || left(coalesce(client, ''), 64)];
    found_invitation study.invitations;
    found_member study.members;
    pause_end timestamptz;
    left_over integer;
begin
    perform study.check_that(token_hash ~ '^[0-9a-f]{64}$', 'RS400', 'The session token''s hash is not a SHA-256 in hex.');
    -- Tries at the same code, or of the same client, wait for one another: many at once count as many.
    perform pg_advisory_xact_lock(hashtextextended(s, 11)) from (select unnest(subjects) as s order by 1) as ordered;
    select max(t.paused_until) into pause_end from study.tries t
    where t.subject = any (subjects) and t.paused_until > clock_timestamp();
    if pause_end is not null then
        return jsonb_build_object('ok', false, 'reason', 'paused', 'retry_at', pause_end, 'tries_left', 0);
    end if;
    select i.* into found_invitation from study.invitations i
    where i.handle = left(plain, 4) and i.code_hash = encode(study.digest(plain), 'hex') and i.revoked_at is null;
    if found_invitation.invitation is null then
        select min(study.wrong_try(s)) into left_over from unnest(subjects) as s;
        return jsonb_build_object('ok', false, 'reason', 'unknown', 'retry_at', null, 'tries_left', left_over);
    end if;
    delete from study.tries t where t.subject = any (subjects);
    select m.* into strict found_member from study.members m where m.member = found_invitation.member for update;
    if found_member.person is null then
        insert into study.people default values returning person into found_member.person;
        update study.members m set person = found_member.person, state = 'joined' where m.member = found_member.member;
        update study.invitations i set redeemed_at = clock_timestamp() where i.invitation = found_invitation.invitation;
        perform study.note(found_member.study, 'joined', jsonb_build_object('member', found_member.handle), found_member.handle);
    end if;
    insert into study.sessions (token_hash, person) values (decode(sign_in.token_hash, 'hex'), found_member.person);
    return jsonb_build_object('ok', true, 'person', found_member.person);
end $$;
select study.publish('sign_in', 'anon', 'authenticated');

create function desk.sign_out() returns jsonb
language sql security definer set search_path = ''
begin atomic
    update study.sessions set ended_at = clock_timestamp()
    where person = study.caller() and token_hash = decode(auth.jwt() ->> 'token_hash', 'hex');
    select '{}'::jsonb;
end;
select study.publish('sign_out', 'authenticated');

-- Another session of whoever is signed in, so that a browser need not hold the terminal's own token.
create function desk.another_session(token_hash text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare somebody uuid := study.caller();
begin
    perform study.check_that(token_hash ~ '^[0-9a-f]{64}$', 'RS400', 'The session token''s hash is not a SHA-256 in hex.');
    insert into study.sessions (token_hash, person) values (decode(another_session.token_hash, 'hex'), somebody);
    return jsonb_build_object('person', somebody);
end $$;
select study.publish('another_session', 'authenticated');

create function desk.me() returns jsonb
language sql stable security definer set search_path = ''
begin atomic
    select jsonb_build_object(
        'person', p.person,
        'owner', p.owner,
        'now', clock_timestamp(),
        'memberships', coalesce((
            select jsonb_agg(jsonb_build_object(
                'member', m.handle, 'role', m.role, 'state', m.state, 'pseudonym', m.pseudonym, 'study', s.study, 'slug', s.slug,
                'title', s.title, 'study_state', s.state, 'synthetic', s.synthetic, 'feedback', s.protocol -> 'feedback'
            ) order by s.created_at, m.role)
            from study.members m join study.studies s on s.study = m.study where m.person = p.person), '[]'))
    from study.people p where p.person = study.caller();
end;
select study.publish('me', 'authenticated');

-- A code for a member; the code itself never reaches the database.
create function study.issue(member uuid, code_handle text, code_hash text) returns uuid
language plpgsql set search_path = ''
as $$
#variable_conflict use_variable
declare made uuid;
begin
    perform study.check_that(code_handle ~ '^[0-9A-HJKMNP-TV-Z]{4}$' and issue.code_hash ~ '^[0-9a-f]{64}$', 'RS400',
        'A code''s handle is four characters of Crockford''s base 32 and its hash a SHA-256 in hex.');
    update study.invitations i set revoked_at = clock_timestamp() where i.member = issue.member and i.revoked_at is null;
    insert into study.invitations (member, handle, code_hash) values (issue.member, code_handle, issue.code_hash)
    on conflict (handle) do nothing returning invitation into made;
    perform study.check_that(made is not null, 'RS409', 'A code with this beginning is in use; draw another.');
    return made;
end $$;

create function desk.invite(study uuid, role text, code_handle text, code_hash text, request_id uuid,
                            name text default null, email text default null, trial boolean default false) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := study.caller();
    arguments jsonb := jsonb_build_array(study, role, code_handle, code_hash, name, email, trial);
    reply jsonb := study.repeated(somebody, request_id, 'invite', arguments);
    made study.members;
    ordinal integer;
    letter text;
    state text;
begin
    perform study.membership(study, 'coordinator');
    if reply is not null then return reply; end if;
    perform study.check_that(role in ('reader', 'coordinator', 'grader', 'analyst', 'runner'), 'RS400',
        format('There is no role %L; choose reader, coordinator, grader, analyst or runner.', role));
    perform study.check_that(role = 'reader' or not trial, 'RS400', 'Only a reader can be a trial member.');
    perform study.check_that(length(coalesce(name, '')) <= 200 and length(coalesce(email, '')) <= 200, 'RS400',
        'A name and an address have at most 200 characters each.');
    select s.state into state from study.studies s where s.study = invite.study for no key update;
    perform study.check_that(state <> 'unblinded' or role <> 'reader', 'RS423', 'The study is unblinded: no reader can join any more.');
    letter := case when trial then 'T' when role = 'runner' then 'M' else upper(left(role, 1)) end;
    select count(*) + 1 into ordinal from study.members m
    where m.study = invite.study and m.role = invite.role and m.trial = invite.trial and m.kind = 'human';
    insert into study.members (study, role, pseudonym, trial)
    values (invite.study, invite.role, letter || lpad(ordinal::text, greatest(2, length(ordinal::text)), '0'), invite.trial) returning * into made;
    insert into study.identities (member, name, email) values (made.member, invite.name, invite.email);
    reply := jsonb_build_object('member', made.handle, 'invitation', study.issue(made.member, code_handle, code_hash),
                                'pseudonym', made.pseudonym);
    perform study.note(study, 'invited', jsonb_build_object('member', made.handle, 'role', role, 'trial', trial));
    return study.keep(somebody, request_id, 'invite', arguments, reply);
end $$;
select study.publish('invite', 'authenticated');

create function desk.reissue(invitation uuid, code_handle text, code_hash text, request_id uuid) returns jsonb
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
    -- A code that is replaced may have been seen by somebody else: whoever signed in with it is signed out.
    update study.sessions s set ended_at = clock_timestamp() where s.person = m.person and s.ended_at is null;
    perform study.note(m.study, 'reissued', jsonb_build_object('member', m.handle));
    return study.keep(somebody, request_id, 'reissue', arguments, reply);
end $$;
select study.publish('reissue', 'authenticated');
