-- Whether the caller may read an object: a reader what one of their readings has shown, a runner what a model's reading has shown,
-- a coordinator what was put into their own study, and an owner what has arrived of one, to see that it is there. Anything else, and
-- whoever has no session, gets no.
create or replace function desk.may_read_object(name text) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    somebody uuid := (study.live_session()).person;
    named uuid := study.of_object(name);
    sha256 text := split_part(name, '/', 2);
begin
    if somebody is null or named is null then return false; end if;
    return exists (select from study.members c where c.study = named and c.person = somebody and c.role = 'coordinator')
        or study.brings(named, somebody)
        or exists (
            select from study.members m join study.readings r on r.member = m.member
            where m.study = named and m.role = 'reader' and m.state not in ('withdrawn', 'excluded')
            and (m.person = somebody or m.kind = 'model' and exists (select from study.members n
                where n.study = named and n.person = somebody and n.role = 'runner'))
            and r.step >= 0 and r.case_key in (select e.case_key from study.evidence e
                where e.study = named and e.block -> 'images' @> jsonb_build_array(jsonb_build_object('sha256', sha256)))
            and study.has_shown(r, sha256));
end $$;
