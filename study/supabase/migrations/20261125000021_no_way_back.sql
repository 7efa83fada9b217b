-- A code is not issued anew for somebody who was removed or has left.
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
    perform study.check_that(m.state not in ('removed', 'withdrawn', 'excluded'), 'RS409',
        format('This member is %s: no code lets them in again. Invite them anew.', m.state));
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
