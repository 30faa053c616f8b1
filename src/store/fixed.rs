//! A statement written by hand whose text never varies: each connection prepares it once.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, sql_query, sql_types};

/// Diesel prepares SQL written by hand anew each time, since it might be made of text from anywhere; ours is not.
pub(super) struct Fixed<Q>(pub(super) Q);

/// A statement of fixed text; bind with `.bind::<Type, _>(value)` and wrap in [`Fixed`].
pub(super) fn fixed<Q>(
    build: impl FnOnce(diesel::query_builder::SqlQuery) -> Q,
    sql: &'static str,
) -> Fixed<Q> {
    Fixed(build(sql_query(sql)))
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Fixed<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Fixed<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Fixed<Q> {
    type SqlType = sql_types::Untyped;
}
