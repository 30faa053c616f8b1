//! The tables as diesel knows them; `migrations/` says what each column means, and a test that both agree.

mod shared;

pub use shared::nonces;

diesel::table! {
    approvals (subscription_id, class) {
        subscription_id -> Uuid,
        class -> Text,
        hash -> Text,
        steps -> Jsonb,
        approved_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reservations (subscription_id, class) {
        subscription_id -> Uuid,
        class -> Text,
        epoch -> BigInt,
        things -> BigInt,
        accounts -> BigInt,
    }
}

diesel::table! {
    held (subscription_id, class) {
        subscription_id -> Uuid,
        class -> Text,
        hash -> Text,
        steps -> Jsonb,
        texts -> Jsonb,
        scope -> Text,
        asked -> BigInt,
        spent -> BigInt,
        allowed -> BigInt,
        since -> Timestamptz,
    }
}

diesel::table! {
    instances (id) {
        id -> Uuid,
        installed -> Bool,
        reseller -> Nullable<Bool>,
        ws_prefix -> Nullable<Text>,
        ws_suffix -> Nullable<Text>,
        root_partner_id -> Nullable<BigInt>,
        root_role_id -> Nullable<BigInt>,
        api_key -> Nullable<Binary>,
        identity -> Nullable<Binary>,
        controller_certificate -> Nullable<Text>,
        controller -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        application_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> Uuid,
        instance_id -> Uuid,
        number -> BigInt,
        account_id -> Uuid,
        reseller_account_id -> Nullable<Uuid>,
        model -> Text,
        company -> Text,
        admin_email -> Text,
        admin_name -> Text,
        admin_staff_id -> Nullable<Uuid>,
        desktop_licences -> Nullable<BigInt>,
        desktop_quota -> Nullable<BigInt>,
        server_licences -> Nullable<BigInt>,
        server_quota -> Nullable<BigInt>,
        sync_available -> Bool,
        sync_default_quota -> Nullable<BigInt>,
        sync -> Bool,
        suspended -> Bool,
        groups_tab -> Bool,
        paused_at -> Nullable<Timestamptz>,
        generation -> BigInt,
        account_generation -> BigInt,
        request_id -> Nullable<Text>,
        removed_at -> Nullable<Timestamptz>,
        gone_at -> Nullable<Timestamptz>,
        partner_id -> Nullable<BigInt>,
        home_group_id -> Nullable<BigInt>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    user_groups (id) {
        id -> Uuid,
        subscription_id -> Uuid,
        name -> Text,
        generation -> BigInt,
        removed_at -> Nullable<Timestamptz>,
        gone_at -> Nullable<Timestamptz>,
        mozy_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        subscription_id -> Uuid,
        service_user_id -> Uuid,
        login -> Text,
        display_name -> Text,
        group_id -> Nullable<Uuid>,
        suspended -> Bool,
        sync -> Bool,
        sync_quota -> Nullable<BigInt>,
        generation -> BigInt,
        removed_at -> Nullable<Timestamptz>,
        gone_at -> Nullable<Timestamptz>,
        mozy_id -> Nullable<BigInt>,
        told -> Jsonb,
    }
}

diesel::table! {
    licences (id) {
        id -> Uuid,
        subscription_id -> Uuid,
        user_id -> Uuid,
        kind -> Text,
        quota -> BigInt,
        generation -> BigInt,
        removed_at -> Nullable<Timestamptz>,
        gone_at -> Nullable<Timestamptz>,
        keystring -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    observations (subscription_id) {
        subscription_id -> Uuid,
        account -> Nullable<Jsonb>,
        digest -> Binary,
        changed_at -> Timestamptz,
        syncs -> Bool,
    }
}

diesel::table! {
    usages (subscription_id) {
        subscription_id -> Uuid,
        numbers -> Jsonb,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    conditions (subscription_id, type_, reason) {
        subscription_id -> Uuid,
        #[sql_name = "type"]
        type_ -> Text,
        status -> Bool,
        reason -> Text,
        message -> Text,
        since -> Timestamptz,
    }
}

diesel::table! {
    verdicts (object_id) {
        object_id -> Uuid,
        subscription_id -> Uuid,
        generation -> BigInt,
        reason -> Nullable<Text>,
        message -> Text,
    }
}

diesel::table! {
    work (subscription_id) {
        subscription_id -> Uuid,
        lane -> SmallInt,
        due_at -> Timestamptz,
        enqueued_at -> Timestamptz,
        attempts -> Integer,
        lease_owner -> Nullable<Uuid>,
        lease_epoch -> BigInt,
        lease_until -> Nullable<Timestamptz>,
        begun_at -> Nullable<Timestamptz>,
        last_attempt -> Nullable<Timestamptz>,
        last_success -> Nullable<Timestamptz>,
        machines_read_at -> Nullable<Timestamptz>,
        observed_generation -> BigInt,
        told -> Nullable<Binary>,
        owed -> Jsonb,
        pauses -> Jsonb,
        refresh_epoch -> BigInt,
        attempt_epoch -> BigInt,
        success_epoch -> BigInt,
    }
}

diesel::table! {
    steps (id) {
        id -> BigInt,
        subscription_id -> Uuid,
        epoch -> BigInt,
        kind -> Text,
        step -> Jsonb,
        call -> Jsonb,
        outcome -> Nullable<Text>,
        detail -> Text,
        request_id -> Nullable<Text>,
        intended_at -> Timestamptz,
        settled_at -> Nullable<Timestamptz>,
        class -> Nullable<Text>,
        account -> Bool,
    }
}

diesel::table! {
    events (id) {
        id -> BigInt,
        subscription_id -> Uuid,
        at -> Timestamptz,
        kind -> Text,
        message -> Text,
        request_id -> Nullable<Text>,
    }
}

diesel::table! {
    unmanaged (subscription_id, kind, mozy_id) {
        subscription_id -> Uuid,
        kind -> Text,
        mozy_id -> Text,
        name -> Text,
        since -> Timestamptz,
    }
}

diesel::table! {
    pushes (object_id) {
        object_id -> Uuid,
        subscription_id -> Uuid,
        service -> Text,
        owed_at -> Timestamptz,
        due_at -> Timestamptz,
        attempts -> Integer,
    }
}

diesel::table! {
    operations (object_id, verb) {
        object_id -> Uuid,
        verb -> Text,
        subscription_id -> Uuid,
        generation -> BigInt,
        previous -> Nullable<Jsonb>,
        started_at -> Timestamptz,
        request_id -> Nullable<Text>,
    }
}

diesel::table! {
    ended_operations (object_id, verb, request_id) {
        object_id -> Uuid,
        verb -> Text,
        request_id -> Text,
        subscription_id -> Uuid,
        reason -> Nullable<Text>,
        message -> Text,
        ended_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query! {
    held, instances, subscriptions, user_groups, users, licences, observations, usages, conditions,
    verdicts, work, steps, events, unmanaged, pushes, operations, nonces,
}

diesel::joinable!(user_groups -> subscriptions (subscription_id));
diesel::joinable!(users -> subscriptions (subscription_id));
diesel::joinable!(licences -> subscriptions (subscription_id));
