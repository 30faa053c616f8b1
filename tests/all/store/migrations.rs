//! Migrations go up, down and up again, on any runtime and by several daemons at once.

use mozyd::store::Store;

use super::world::{World, settings};
use crate::support::TestDb;

#[tokio::test]
async fn up_down_up_on_a_runtime_of_one_thread() {
    let db = TestDb::empty();
    let store = Store::connect(settings(&db.url())).unwrap();
    let all = store.pending().await.unwrap();
    assert_eq!(store.migrate().await.unwrap().len(), all.len());
    assert!(store.pending().await.unwrap().is_empty());
    assert!(store.migrate().await.unwrap().is_empty());
    for undone in 1..=all.len() {
        store.revert().await.unwrap();
        assert_eq!(store.pending().await.unwrap().len(), undone);
    }
    assert_eq!(store.migrate().await.unwrap().len(), all.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn daemons_that_start_at_once_migrate_once() {
    let db = TestDb::empty();
    let store = || Store::connect(settings(&db.url())).unwrap();
    let (a, b, c) = (store(), store(), store());
    let all = a.pending().await.unwrap().len();
    let (a, b, c) = tokio::join!(a.migrate(), b.migrate(), c.migrate());
    assert_eq!(a.unwrap().len() + b.unwrap().len() + c.unwrap().len(), all);
}

#[tokio::test]
async fn every_table_and_column_says_what_it_means() {
    let world = World::empty().await;
    let silent = "SELECT c.relname, a.attname FROM pg_class c \
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') \
        AND c.relname <> '__diesel_schema_migrations' \
        AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)";
    assert_eq!(world.sql(silent).await, Vec::<String>::new());
}

/// Every column that diesel knows is there, of its type and as null or not as diesel thinks.
#[tokio::test]
async fn the_schema_in_the_sources_is_the_one_in_the_database() {
    let world = World::empty().await;
    let columns = "SELECT table_name, column_name, udt_name, is_nullable FROM information_schema.columns \
        WHERE table_schema = 'public' AND table_name NOT IN ('__diesel_schema_migrations', 'states') \
        ORDER BY table_name, ordinal_position";
    let stored: Vec<String> = world.sql(columns).await;
    let mut known = Vec::new();
    let (mut table, mut name) = (String::new(), None);
    let sources = concat!(
        include_str!("../../../src/store/schema.rs"),
        include_str!("../../../src/store/schema/shared.rs")
    );
    for line in sources.lines().map(str::trim) {
        let words: Vec<&str> = line.trim_end_matches(',').split(' ').collect();
        match words[..] {
            ["#[sql_name", "=", quoted] => name = Some(quoted.trim_matches(['"', ']']).to_string()),
            [column, "->", sql] => {
                let column = name.take().unwrap_or(column.into());
                let inner = sql.strip_prefix("Nullable<").map(|inner| inner.trim_end_matches('>'));
                let null = if inner.is_some() { "YES" } else { "NO" };
                known.push(format!("{table}|{column}|{}|{null}", udt(inner.unwrap_or(sql))));
            }
            [first, .., "{"] if line.contains('(') => table = first.into(),
            _ => {}
        }
    }
    known.sort_by_key(|row| row.split('|').next().unwrap().to_string());
    assert_eq!(known, stored);
}

fn udt(sql: &str) -> &str {
    match sql {
        "Uuid" => "uuid",
        "Bool" => "bool",
        "Text" => "text",
        "BigInt" => "int8",
        "Integer" => "int4",
        "SmallInt" => "int2",
        "Double" => "float8",
        "Binary" => "bytea",
        "Jsonb" => "jsonb",
        "Timestamptz" => "timestamptz",
        other => panic!("{other} is not known"),
    }
}
