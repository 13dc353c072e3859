-- Each row of a decision as it was before. $1 is the decision; nothing has happened to its rows since.
update row set (state, tier, spent, tries, variant, reason) =
  (select d.state, d.tier, d.spent, d.tries, d.variant, d.reason from decided_row d where d.decision_id = $1 and d.row_id = row.row_id)
where row_id in (select row_id from decided_row where decision_id = $1);
delete from staging where row_id in (select row_id from decided_row where decision_id = $1 and touched & 1);
insert into staging (row_id, attempt, output)
  select row_id, staged_attempt, staged from decided_row where decision_id = $1 and touched & 1 and staged_attempt is not null;
delete from evidence where row_id in (select row_id from decided_row where decision_id = $1 and touched & 2);
insert into evidence (row_id, attempt, message, output)
  select row_id, evidence_attempt, message, output from decided_row where decision_id = $1 and touched & 2 and evidence_attempt is not null;
-- What was closed along with the rows is open again; a vote reopens its own item.
update review_item set decision = null,
  state = (select d.item_state from decided_row d where d.decision_id = $1 and d.item_id = review_item.item_id)
where item_id in (select item_id from decided_row where decision_id = $1 and item_id is not null) and state = 'decided';
