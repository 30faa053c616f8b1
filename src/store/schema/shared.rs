//! Tables that are about no subscription: what all daemons share to ask Mozy and to hear OSA.

diesel::table! {
    nonces (nonce) {
        nonce -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    budgets (credential) {
        credential -> Binary,
        resumes_at -> Timestamptz,
        pace -> Double,
    }
}

diesel::table! {
    budget_shares (credential, daemon) {
        credential -> Binary,
        daemon -> Uuid,
        rate -> Double,
        places -> Integer,
        until -> Timestamptz,
        answered_at -> Nullable<Timestamptz>,
    }
}
