-- Hashes first, then everything that holds words of the rows. $1 is the purge, muster_keyed the store's keyed hash.
update purged_row set
  key_hash = (select muster_keyed(cast(w.key as blob)) from row w where w.row_id = purged_row.row_id),
  input_hash = (select muster_keyed(i.input) from row_input i where i.row_id = purged_row.row_id),
  output_hash = coalesce(
    (select muster_keyed(s.output) from staging s where s.row_id = purged_row.row_id),
    (select muster_keyed(e.output) from evidence e where e.row_id = purged_row.row_id))
where purge_id = $1;
delete from row_input where row_id in (select row_id from purged_row where purge_id = $1);
delete from staging where row_id in (select row_id from purged_row where purge_id = $1);
delete from evidence where row_id in (select row_id from purged_row where purge_id = $1);
-- Whom people decided what about stays; what they read and wrote does not.
update decided_row set staged = null, message = null, output = null, to_output = null,
  reason = substr(reason, 1, instr(reason, '.') + instr(substr(reason, instr(reason, '.') + 1) || '.', '.') - 1),
  to_reason = substr(to_reason, 1, instr(to_reason, '.') + instr(substr(to_reason, instr(to_reason, '.') + 1) || '.', '.') - 1)
where row_id in (select row_id from purged_row where purge_id = $1);
update decision set note = null where decision_id in (select decision_id from decided_row where row_id in (select row_id from purged_row where purge_id = $1));
update review_vote set note = null, edited = case when edited is null then null else x'' end
where item_id in (select item_id from review_item where row_id in (select row_id from purged_row where purge_id = $1));
update issue set example = '', note = null, pointer = '',
  reason = substr(reason, 1, instr(reason, '.') + instr(substr(reason, instr(reason, '.') + 1) || '.', '.') - 1)
where issue_id in (select issue_id from issue_sighting where run_id = (select run_id from purge where purge_id = $1));
update request set id_part = null where id_part is not null and row_id in (select row_id from purged_row where purge_id = $1);
-- A reason's detail may be a name out of the output; its code is not.
update row set
  key = case when key is null then null else muster_stand_in(key) end,
  reason = substr(reason, 1, instr(reason, '.') + instr(substr(reason, instr(reason, '.') + 1) || '.', '.') - 1)
where row_id in (select row_id from purged_row where purge_id = $1);
