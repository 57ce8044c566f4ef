//! Our own stores keep the contract; one that folds names does not.

use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::store::{Answer, Memory};

/// A store whose columns fold accents, as those of MySQL do by default.
struct Folding {
    store: Memory,
    accounts: bool,
    slots: bool,
}

impl Folding {
    fn over(accounts: bool, slots: bool) -> Arc<Self> {
        let store = Memory::new();
        Arc::new(Self {
            store,
            accounts,
            slots,
        })
    }

    fn account(&self, account: &Account) -> Account {
        match self.accounts {
            true => Account::kept(&folded(account.as_str())),
            false => account.clone(),
        }
    }
}

fn folded(name: &str) -> String {
    name.nfd().filter(|sign| *sign != '\u{301}').collect()
}

impl Credentials for Folding {
    fn read<'a>(&'a self, account: &'a Account) -> Answer<'a, Option<Record>> {
        Box::pin(async move { self.store.read(&self.account(account)).await })
    }
    fn insert<'a>(&'a self, account: &'a Account, new: &'a Record) -> Answer<'a, bool> {
        Box::pin(async move { self.store.insert(&self.account(account), new).await })
    }
    fn replace<'a>(
        &'a self,
        account: &'a Account,
        expected: &'a Record,
        new: &'a Record,
    ) -> Answer<'a, bool> {
        Box::pin(async move {
            let account = self.account(account);
            self.store.replace(&account, expected, new).await
        })
    }
    fn remove<'a>(&'a self, account: &'a Account) -> Answer<'a, bool> {
        Box::pin(async move { self.store.remove(&self.account(account)).await })
    }
    fn put_token<'a>(&'a self, token: &'a Token, now: Timestamp) -> Answer<'a, ()> {
        let mut token = token.clone();
        if self.slots {
            token.slot = Slot::kept(folded(token.slot.as_str()));
        }
        Box::pin(async move { self.store.put_token(&token, now).await })
    }
    fn look_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        self.store.look_token(digest)
    }
    fn take_token<'a>(&'a self, digest: &'a Digest) -> Answer<'a, Option<Token>> {
        self.store.take_token(digest)
    }
    fn page<'a>(
        &'a self,
        which: Which,
        after: Option<&'a Account>,
        most: usize,
    ) -> Answer<'a, Vec<(Account, Record)>> {
        self.store.page(which, after, most)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[should_panic(expected = "two names were taken for one")]
async fn a_store_that_folds_names_is_refused() {
    check(Folding::over(true, false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[should_panic(expected = "a token went with another account")]
async fn a_store_that_folds_slots_is_refused() {
    check(Folding::over(false, true)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory() {
    check(Arc::new(crate::store::Memory::new())).await;
}

#[cfg(feature = "redb")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redb() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("accounts.redb");
    let open = || crate::store::Redb::open(&file).expect("a store");
    let planted = {
        let store = Arc::new(open());
        check(store.clone()).await;
        plant(&*store).await
    };
    look_after(&open(), &planted).await;
}
