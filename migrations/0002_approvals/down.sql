-- Nothing is released any more.
DROP TABLE approvals;
