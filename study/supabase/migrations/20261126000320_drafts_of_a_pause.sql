-- What was typed before a pause may come after it: it is kept within the moment's grace that a deadline has too. Later a draft waits
-- in its browser, told 'paused', until the reader goes on; it is never told 'locked', upon which a browser would drop it.
create or replace function desk.save_draft(reading uuid, step integer, attempt integer, tab text, number bigint, body jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_variable
declare
    r study.readings := study.own_reading(reading, true);
    earlier study.drafts;
    moment timestamptz := clock_timestamp();
    grace interval := interval '5 seconds';
begin
    perform study.check_open_for_reading(r);
    perform study.check_that(jsonb_typeof(body) = 'object' and length(body::text) <= 20000 and length(tab) <= 64, 'RS400',
        'A draft is an object of at most 20,000 characters.');
    if r.state not in ('reading', 'paused') or r.attempt <> attempt or step < r.step or step >= r.steps
       or (r.limit_kind = 'hard' and coalesce(r.paused_at, moment) > r.deadline + grace)
       or (step > r.step and (study.script_step(r, step) ->> 'kind' <> 'ddx' or exists (
           select from generate_series(r.step, step - 1) as between_step where study.script_step(r, between_step) ->> 'kind' <> 'show')))
    then
        return jsonb_build_object('state', 'locked', 'saved_at', moment);
    end if;
    if r.state = 'paused' and moment > r.paused_at + grace then
        return jsonb_build_object('state', 'paused', 'saved_at', moment);
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
