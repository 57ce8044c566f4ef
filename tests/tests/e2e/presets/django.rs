//! The administration pages of Django, on a site that checks no password.

use rempart_tests::browser::Browser;
use rempart_tests::clock::Clock;
use rempart_tests::site::django::{Django, LOGIN, PASSWORD};
use rempart_tests::visitor::{Visitor, field};

use super::{
    STRONG, STRONGER, Told, WEAK, gate, open, picture, refused_in, ten_guesses_and_no_more,
};

const HOST: &str = "admin.example.test";
const LOG_IN: &str = "/admin/login/?next=/admin/";

#[test]
fn django_administration() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let django = Django::start(folder.path());
    let clock = Clock::new(folder.path());
    let preset = "preset = \"django-admin\"\nbase = \"/admin\"";
    let gate = gate(&clock, folder.path(), HOST, django.address, preset);
    let browser = Browser::start(folder.path(), HOST, gate.authority.root());

    open(&browser, &gate.url(LOG_IN));
    sign_in(&browser, LOGIN, "wrong");
    browser.find(".errornote");
    sign_in(&browser, LOGIN, PASSWORD);
    browser.find("#user-tools");

    // A password of one's own.
    open(&browser, &gate.url("/admin/password_change/"));
    let renew = |password: &str| {
        browser.type_into("#id_old_password", PASSWORD);
        browser.type_into("#id_new_password1", password);
        browser.type_into("#id_new_password2", password);
        browser.click("input[type=submit]");
    };
    renew(WEAK);
    refused_in(&browser, "django-change-refused");
    renew(STRONG);
    browser.wait("the change", |page| {
        page.url().ends_with("/password_change/done/")
    });
    picture(&browser, "django-changed");

    // Somebody else's account.
    open(&browser, &gate.url("/admin/auth/user/add/"));
    let create = |password: &str| {
        browser.type_into("#id_username", "dominique");
        browser.type_into("#id_password1", password);
        browser.type_into("#id_password2", password);
        browser.click("input[name=_save]");
    };
    create(WEAK);
    refused_in(&browser, "django-user-refused");
    create(STRONG);
    browser.find(".messagelist .success");
    open(&browser, &gate.url("/admin/auth/user/2/password/"));
    let give = |password: &str| {
        browser.type_into("#id_password1", password);
        browser.type_into("#id_password2", password);
        browser.click("input[type=submit]");
    };
    give(WEAK);
    refused_in(&browser, "django-given-refused");
    give(STRONGER);
    browser.find(".messagelist .success");
    // Let in, though to nothing: the account is no member of staff.
    let told = attempt(&Visitor::new(&gate), "dominique", STRONGER);
    assert_eq!(told, Told::Wrong);

    for (password, told) in [(PASSWORD, Told::Wrong), (STRONG, Told::SignedIn)] {
        assert_eq!(attempt(&Visitor::new(&gate), LOGIN, password), told);
    }
    ten_guesses_and_no_more(&clock, STRONG, |_, password| {
        attempt(&Visitor::new(&gate), LOGIN, password)
    });
}

fn sign_in(browser: &Browser, name: &str, password: &str) {
    browser.type_into("#id_username", name);
    browser.type_into("#id_password", password);
    browser.click("input[type=submit]");
}

fn attempt(visitor: &Visitor<'_>, name: &str, password: &str) -> Told {
    let page = visitor.get(LOG_IN).text();
    let answer = visitor.post(
        LOG_IN,
        &[
            ("csrfmiddlewaretoken", &field(&page, "csrfmiddlewaretoken")),
            ("username", name),
            ("password", password),
            ("next", "/admin/"),
        ],
    );
    Told::by(&answer, || {
        visitor.get("/admin/").text().contains("id=\"user-tools\"")
    })
}
