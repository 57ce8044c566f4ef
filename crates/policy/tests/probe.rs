#[test]
fn probe() {
    let text = "versoin = 1\nlanguage = \"fre\"\n[transport.hsts]\ninclude-subdomains = true\nmax_age = 12\n[password]\nmax-length = 20\ncase = \"restricted-acces\"\nx = = 3\n[access]\nmechanism=\"none\"\nstore = \"redis://:abc@h\"\n";
    let report = policy::load(text).unwrap_err();
    println!("{}", report.render("policy.toml", text, policy::Language::Fr, false));
    println!("{}", report.render("policy.toml", text, policy::Language::En, true));
    println!("{:#}", report.to_json("policy.toml", text, policy::Language::En));
}
