//! Every operation of the contract's section 2 is known here, with whether it writes; nothing else can be called.

/// What a call does at Mozy, which decides what a lost answer means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    Read,
    Write,
}

macro_rules! operations {
    ($($variant:ident = $service:literal $method:literal $effect:ident;)*) => {
        /// One operation of Mozy's admin API (contract, section 2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", $service, ".", $method, "`")] $variant,)*
        }

        impl Operation {
            /// All of them, for registering every metric label at start.
            pub const ALL: &'static [Operation] = &[$(Operation::$variant),*];

            /// `service.Method`, the label of metrics and the subject of errors.
            pub const fn as_str(self) -> &'static str {
                match self { $(Operation::$variant => concat!($service, ".", $method),)* }
            }

            /// The service, which is also a part of its URL.
            pub const fn service(self) -> &'static str {
                match self { $(Operation::$variant => $service,)* }
            }

            /// The method as it stands in the envelope and in the SOAPAction.
            pub const fn method(self) -> &'static str {
                match self { $(Operation::$variant => $method,)* }
            }

            const fn effect(self) -> Effect {
                match self { $(Operation::$variant => Effect::$effect,)* }
            }
        }
    };
}

operations! {
    PartnerCreate = "partner" "Create" Write;
    PartnerGet = "partner" "Get" Read;
    PartnerUpdate = "partner" "Update" Write;
    PartnerDelete = "partner" "Delete" Write;
    UserGroupCreate = "user_group" "Create" Write;
    UserGroupGet = "user_group" "Get" Read;
    UserGroupUpdate = "user_group" "Update" Write;
    UserGroupDelete = "user_group" "Delete" Write;
    AdminCreate = "admin" "Create" Write;
    AdminGet = "admin" "Get" Read;
    AdminDelete = "admin" "Delete" Write;
    UserCreate = "user" "Create" Write;
    UserGet = "user" "Get" Read;
    UserUpdate = "user" "Update" Write;
    UserDelete = "user" "Delete" Write;
    ResourceProvision = "resource" "Provision" Write;
    ResourceRelease = "resource" "Release" Write;
    ResourceTransfer = "resource" "Transfer" Write;
    ResourceGetResources = "resource" "GetResources" Read;
    ResourceGetLicenses = "resource" "GetLicenses" Read;
    ResourceUpdateLicenses = "resource" "UpdateLicenses" Write;
    MachineCreate = "machine" "Create" Write;
    MachineGet = "machine" "Get" Read;
    MachineUpdate = "machine" "Update" Write;
    MachineDelete = "machine" "Delete" Write;
    EmailDeliver = "email" "Deliver" Write;
}

impl Operation {
    /// Whether a lost answer leaves open if something changed at Mozy.
    pub fn is_write(self) -> bool {
        self.effect() == Effect::Write
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Operation;

    #[test]
    fn exactly_the_gets_are_reads() {
        for operation in Operation::ALL {
            assert_eq!(operation.is_write(), !operation.method().starts_with("Get"), "{operation}");
        }
        assert_eq!(Operation::ALL.len(), 26);
    }
}
