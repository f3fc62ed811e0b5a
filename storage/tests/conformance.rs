//! Both engines keep the contract.

mod memory {
    storage::conformance_suite!((storage::MemoryStore::new(), ()));
}

mod sled {
    storage::conformance_suite!({
        let dir = tempfile::tempdir().unwrap();
        (storage::SledStore::open(dir.path()).unwrap(), dir)
    });
}
