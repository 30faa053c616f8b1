DROP TABLE budget_shares;
DROP TABLE budgets;
