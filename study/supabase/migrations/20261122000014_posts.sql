-- Many browsers' drafts and measurements in one transaction, in the box alone: each item carries its own session's token and is kept
-- or refused as if it had come by itself. Items come ordered by reading, so that two such calls take the readings' locks in one order.
create function desk.keep_posts(items jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    item jsonb;
    reply jsonb;
    replies jsonb := '[]'::jsonb;
    sentence text;
begin
    for item in select i.item from jsonb_array_elements(items) with ordinality as i(item, place) order by i.place loop
        begin
            if desk.assume(item ->> 'token') = 'anon' then
                raise exception using errcode = 'RS401', message = 'You are not signed in. Sign in with your invitation code.';
            end if;
            if item ->> 'kind' = 'draft' then
                reply := desk.save_draft((item ->> 'reading')::uuid, (item ->> 'step')::integer, (item ->> 'attempt')::integer,
                    item ->> 'tab', (item ->> 'number')::bigint, item -> 'body');
            else
                reply := desk.save_telemetry((item ->> 'reading')::uuid, (item ->> 'step')::integer, (item ->> 'attempt')::integer,
                    item ->> 'tab', (item ->> 'number')::bigint, item -> 'body');
            end if;
        exception when others then
            get stacked diagnostics sentence = message_text;
            reply := jsonb_build_object('error', jsonb_build_object('code', sqlstate, 'message', sentence));
        end;
        replies := replies || jsonb_build_array(reply);
    end loop;
    return replies;
end $$;
revoke all on function desk.keep_posts(jsonb) from public, anon, authenticated, service_role;
grant execute on function desk.keep_posts(jsonb) to authenticator;
