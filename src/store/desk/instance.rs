//! Instances of the APS application: installed, heard of, removed. Their secrets are sealed.

use super::refuse::refused;
use crate::domain::{InstanceId, Reason, Secret};
use crate::ports::desk::{DeskError, Install, InstanceKeys};
use crate::store::error::StoreError;
use crate::store::pool::Store;
use crate::store::schema::{instances, subscriptions};
use crate::store::seal::{Place, SealError};
use diesel::dsl::now;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// What is written of an install. What is not said stays.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = instances)]
struct InstallRow {
    id: Uuid,
    application_id: Option<Uuid>,
    installed: bool,
    reseller: Option<Option<bool>>,
    ws_prefix: Option<Option<String>>,
    ws_suffix: Option<Option<String>>,
    root_partner_id: Option<Option<i64>>,
    root_role_id: Option<Option<i64>>,
    api_key: Option<Vec<u8>>,
    identity: Option<Vec<u8>>,
    controller_certificate: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = instances)]
struct KeysRow {
    application_id: Option<Uuid>,
    installed: bool,
    reseller: Option<bool>,
    identity: Option<Vec<u8>>,
    controller_certificate: Option<String>,
    controller: Option<String>,
}

impl Store {
    /// Writes an install, or what it now says.
    pub(super) async fn install(&self, install: Install) -> Result<(), StoreError> {
        let row = self.install_row(install)?;
        let insert = diesel::insert_into(instances::table)
            .values(&row)
            .on_conflict(instances::id)
            .do_update()
            .set((&row, instances::updated_at.eq(now)));
        self.run("install", async |conn| Ok(insert.execute(conn).await?)).await.map(drop)
    }

    fn install_row(&self, install: Install) -> Result<InstallRow, StoreError> {
        let Install { id, installed, reseller, ws_prefix, ws_suffix, api_key, .. } = install;
        Ok(InstallRow {
            id: id.0,
            application_id: install.application,
            installed,
            reseller,
            ws_prefix,
            ws_suffix,
            root_partner_id: install.root_partner,
            root_role_id: install.root_role,
            api_key: self.seal(id, "api_key", api_key.as_ref())?,
            identity: self.seal(id, "identity", install.identity.as_ref())?,
            controller_certificate: install.controller_certificate,
        })
    }

    /// Removes an instance that has no subscriptions; what remains of those that are gone goes with it.
    pub(super) async fn uninstall(&self, id: InstanceId) -> Result<(), DeskError> {
        self.transact("uninstall", async |conn| uninstall(conn, id).await).await
    }

    /// The keys of an instance that is known.
    pub(super) async fn instance(&self, id: InstanceId) -> Result<Option<InstanceKeys>, StoreError> {
        let row = instances::table.find(id.0).select(KeysRow::as_select());
        let row = self.run("instance", async |conn| Ok(row.first(conn).await.optional()?)).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(InstanceKeys {
            id,
            application: row.application_id,
            installed: row.installed,
            reseller: row.reseller,
            identity: self.unseal(id, "identity", row.identity.as_deref())?,
            controller_certificate: row.controller_certificate,
            controller: row.controller,
        }))
    }

    /// The certificate of the controller of an instance that is known, if it has one.
    pub(super) async fn controller_certificate(
        &self,
        id: InstanceId,
    ) -> Result<Option<Option<String>>, StoreError> {
        let row = instances::table.find(id.0).select(instances::controller_certificate);
        self.run("instance", async |conn| Ok(row.first(conn).await.optional()?)).await
    }

    /// Remembers where the controller of an instance is, if it has moved.
    pub(super) async fn heard_from(&self, id: InstanceId, controller: &str) -> Result<(), StoreError> {
        self.run("heard_from", async |conn| Ok(heard_from(conn, id, controller).await?)).await
    }

    fn seal(
        &self,
        id: InstanceId,
        column: &'static str,
        secret: Option<&Secret>,
    ) -> Result<Option<Vec<u8>>, SealError> {
        let place = Place { instance: id.0, column };
        let Some(secret) = secret else { return Ok(None) };
        self.sealer.as_ref().ok_or(SealError::NoKey(place))?.seal(place, secret).map(Some)
    }

    /// Opens a secret of an instance.
    pub(in crate::store) fn unseal(
        &self,
        id: InstanceId,
        column: &'static str,
        sealed: Option<&[u8]>,
    ) -> Result<Option<Secret>, SealError> {
        let place = Place { instance: id.0, column };
        let Some(sealed) = sealed else { return Ok(None) };
        self.sealer.as_ref().ok_or(SealError::NoKey(place))?.open(place, sealed).map(Some)
    }
}

async fn uninstall(conn: &AsyncPgConnection, id: InstanceId) -> Result<(), DeskError> {
    let mut conn = conn;
    let row = instances::table.find(id.0).select(instances::id).for_update();
    row.first::<Uuid>(&mut conn).await.optional()?;
    let all = subscriptions::table.filter(subscriptions::instance_id.eq(id.0));
    // What is gone goes first: a subscription that is ordered again meanwhile is waited for, and counted.
    diesel::delete(all.filter(subscriptions::gone_at.is_not_null())).execute(&mut conn).await?;
    let left: i64 = all.count().get_result(&mut conn).await?;
    if left > 0 {
        let message = format!("the instance still has {left} subscriptions: remove them first");
        return Err(refused(Reason::VendorRejected, message));
    }
    diesel::delete(instances::table.find(id.0)).execute(&mut conn).await?;
    Ok(())
}

async fn heard_from(conn: &mut AsyncPgConnection, id: InstanceId, controller: &str) -> QueryResult<()> {
    let row = instances::table.find(id.0).select(instances::controller);
    let known: Option<Option<String>> = row.first(conn).await.optional()?;
    if known.flatten().as_deref() == Some(controller) {
        return Ok(());
    }
    diesel::insert_into(instances::table)
        .values((
            instances::id.eq(id.0),
            instances::installed.eq(false),
            instances::controller.eq(controller),
        ))
        .on_conflict(instances::id)
        .do_update()
        .set((instances::controller.eq(controller), instances::updated_at.eq(now)))
        .execute(conn)
        .await
        .map(drop)
}
