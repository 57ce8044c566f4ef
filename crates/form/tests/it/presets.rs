//! The presets, on requests of the software that they are for and of those who attack it.

use crate::{URLENCODED, forms, told};

#[test]
fn requests_to_known_software() {
    for (software, base, request, body, expected) in [
        (
            "dokuwiki",
            "",
            "POST /doku.php?id=start",
            "sectok=&id=start&do=login&u=jean&p=x&r=1",
            "in jean:x",
        ),
        (
            "dokuwiki",
            "/wiki",
            "POST /wiki/doku.php",
            "u=jean&p=x",
            "in jean:x",
        ),
        ("dokuwiki", "/wiki", "POST /doku.php", "u=jean&p=x", "free"),
        (
            "dokuwiki",
            "",
            "POST /lib/exe/ajax.php",
            "call=x&u=jean&p=x",
            "in jean:x",
        ),
        (
            "dokuwiki",
            "",
            "GET /doku.php?u=jean&p=x",
            "",
            "password-in-query",
        ),
        (
            "dokuwiki",
            "",
            "GET /start\nauthorization: Basic dTpw",
            "",
            "in u:p",
        ),
        (
            "dokuwiki",
            "",
            "POST /doku.php",
            "do[save]=1&wikitext=u%3Dp",
            "nothing",
        ),
        (
            "dokuwiki",
            "",
            "POST /doku.php",
            "do=register&save=1&login=j&pass=a&passchk=a&fullname=J+D&email=j@d.fr",
            "new a +j +J D +j@d.fr",
        ),
        (
            "dokuwiki",
            "",
            "POST /doku.php",
            "do=profile&fullname=J&newpass=&passchk=&oldpass=o",
            "nothing",
        ),
        (
            "dokuwiki",
            "",
            "POST /doku.php",
            "do=profile&newpass=n&passchk=n&oldpass=o",
            "new n was o",
        ),
        (
            "dokuwiki",
            "",
            "POST /doku.php",
            "u=j&p=x&pass=strong&passchk=strong",
            "in j:x new strong",
        ),
        (
            "dokuwiki",
            "",
            "POST /doku.php",
            "u=j&p=x&p[]=y",
            "field-array",
        ),
        (
            "dokuwiki",
            "",
            "POST /lib/exe/xmlrpc.php",
            "u=j&p=x",
            "closed",
        ),
        (
            "wordpress",
            "",
            "POST /wp-login.php",
            "log=j&pwd=x&wp-submit=Log+In",
            "in j:x",
        ),
        (
            "wordpress",
            "",
            "POST /wp-login.php/x",
            "log=j&pwd=x",
            "path-unclear",
        ),
        (
            "wordpress",
            "",
            "POST /wp-login.php?action=resetpass",
            "pass1=a&pass2=a&rp_key=k",
            "new a",
        ),
        (
            "wordpress",
            "",
            "POST /wp-admin/profile.php",
            "email=j@d.fr&pass1=a&pass2=a",
            "new a +j@d.fr",
        ),
        (
            "wordpress",
            "",
            "POST /wp-admin/profile.php",
            "pass1=&pass2=",
            "nothing",
        ),
        ("wordpress", "", "POST /xmlrpc.php", "a=b", "closed"),
        ("wordpress", "", "GET /xmlrpc.php", "", "closed"),
        (
            "wordpress",
            "",
            "POST /wp-json/wp/v2/users/5",
            "password=a",
            "new a",
        ),
        (
            "wordpress",
            "",
            "POST /?rest_route=/wp/v2/users/5",
            "password=a",
            "new a",
        ),
        (
            "wordpress",
            "",
            "GET /wp-json/wp/v2/users/me\nauthorization: Basic dTpw",
            "",
            "in u:p",
        ),
        (
            "wordpress",
            "",
            "GET /any/page?rest_route=/wp/v2/users/me\nauthorization: Basic dTpw",
            "",
            "in u:p",
        ),
        ("wordpress", "", "POST /wp-json/batch/v1", "a=b", "closed"),
        (
            "wordpress",
            "",
            "POST /?rest_route=/batch/v1",
            "a=b",
            "closed",
        ),
        (
            "wordpress",
            "",
            "POST /?rest_route=/Batch/v1",
            "a=b",
            "condition-unclear",
        ),
        (
            "wordpress",
            "",
            "POST /xmlrpc.php\nauthorization: Basic dTpw",
            "a=b",
            "closed",
        ),
        (
            "wordpress",
            "",
            "GET /xmlrpc.php\nauthorization: Basic dTpw",
            "",
            "closed",
        ),
        (
            "wordpress",
            "",
            "POST /wp-json/batch/v1\nauthorization: Basic dTpw",
            "a=b",
            "closed",
        ),
        (
            "wordpress",
            "",
            "POST /wp-login.php\nauthorization: Basic dTpw",
            "log=j&pwd=x",
            "in j:x in u:p",
        ),
        (
            "wordpress",
            "",
            "POST /wp-json/wp/v2/users\nauthorization: Basic dTpw",
            "username=j&password=a",
            "in u:p new a +j",
        ),
        (
            "wordpress",
            "",
            "POST /wp-comments-post.php",
            "comment=c",
            "free",
        ),
        (
            "adminer",
            "/adminer.php",
            "POST /adminer.php",
            "auth[driver]=pgsql&auth[server]=s&auth[username]=j&auth[password]=x&auth[db]=",
            "in j:x",
        ),
        (
            "adminer",
            "/adminer.php",
            "POST /adminer.php?username=j",
            "auth[password]=x&auth=y",
            "field-array",
        ),
        (
            "adminer",
            "/adminer.php",
            "POST /adminer.php?pgsql=s&username=j",
            "query=SELECT+1",
            "nothing",
        ),
        (
            "django-admin",
            "/admin",
            "POST /admin/login/?next=/admin/",
            "csrfmiddlewaretoken=t&username=j&password=x&next=",
            "in j:x",
        ),
        (
            "django-admin",
            "/admin",
            "POST /admin/login",
            "username=j&password=x",
            "path-unclear",
        ),
        (
            "django-admin",
            "/admin",
            "POST /admin/password_change/",
            "old_password=o&new_password1=n&new_password2=n",
            "new n was o",
        ),
        (
            "django-admin",
            "/admin",
            "POST /admin/auth/user/3/password/",
            "password1=n&password2=m",
            "confirmation-differs",
        ),
        (
            "mediawiki",
            "",
            "POST /index.php?title=Special:UserLogin",
            "wpName=J&wpPassword=x&wploginattempt=1",
            "in J:x",
        ),
        (
            "mediawiki",
            "/w",
            "POST /w/?title=Special:UserLogin",
            "wpName=J&wpPassword=x",
            "in J:x",
        ),
        (
            "mediawiki",
            "",
            "POST /index.php/Special:CreateAccount",
            "wpName=J&wpPassword=a&retype=a&email=j@d.fr",
            "in J:a new a +J +j@d.fr",
        ),
        (
            "mediawiki",
            "",
            "POST /api.php",
            "action=login&lgname=J&lgpassword=x&lgtoken=t",
            "in J:x",
        ),
        (
            "mediawiki",
            "",
            "POST /api.php",
            "action=clientlogin&username=J&password=x",
            "in J:x",
        ),
        (
            "phpmyadmin",
            "/pma",
            "POST /pma/index.php?route=/",
            "pma_username=r&pma_password=x&server=1",
            "in r:x",
        ),
        (
            "phpmyadmin",
            "/pma",
            "POST /pma/index.php?route=/user-password",
            "pma_pw=n&pma_pw2=n",
            "new n",
        ),
        (
            "phpmyadmin",
            "",
            "POST /index.php?route=/user-password",
            "nopass=1&pma_pw=n&pma_pw2=n",
            "closed",
        ),
        (
            "phpmyadmin",
            "",
            "POST /index.php?route=/user-password",
            "nopass=01&pma_pw=n&pma_pw2=n",
            "condition-unclear",
        ),
        (
            "phpmyadmin",
            "",
            "POST /index.php?route=/user-password",
            "nopass=0&pma_pw=n&pma_pw2=n",
            "new n",
        ),
        (
            "phpmyadmin",
            "",
            "POST /index.php?route=/server/privileges",
            "pred_password=none&username=j&pma_pw=n&pma_pw2=n",
            "closed",
        ),
        (
            "phpmyadmin",
            "",
            "POST /index.php?route=/server/privileges",
            "pred_password=userdefined&username=j&pma_pw=n&pma_pw2=n",
            "new n +j",
        ),
        (
            "tomcat-form",
            "/app",
            "POST /app/j_security_check",
            "j_username=j&j_password=x",
            "in j:x",
        ),
        (
            "tomcat-form",
            "/app",
            "POST /app/deep/j_security_check",
            "j_username=j&j_password=x",
            "in j:x",
        ),
        (
            "tomcat-form",
            "/app",
            "POST /app/j_security_check;jsessionid=1",
            "j_username=j&j_password=x",
            "path-unclear",
        ),
        (
            "tomcat-form",
            "/app",
            "GET /app/j_security_check?j_username=j&j_password=x",
            "",
            "password-in-query",
        ),
    ] {
        let base = match base {
            "" => String::new(),
            base => format!("base = \"{base}\"\n"),
        };
        let forms = forms(&format!("[[site.form]]\npreset = \"{software}\"\n{base}"));
        let (line, fields) = request.split_once('\n').unwrap_or((request, ""));
        let head = format!("{line}\n{URLENCODED}\n{fields}");
        let found = told(&forms, head.trim_end(), body.as_bytes());
        assert_eq!(found, expected, "{software} {request} {body}");
    }
}

#[test]
fn what_is_left_of_wordpress_s_front_controller_can_be_shut() {
    let forms = forms(
        "[[site.form]]\npreset = \"wordpress\"\nmax-body = \"16 MiB\"\n\
         [[site.form]]\nkind = \"closed\"\npath = \"/*\"\npassword = \"rest_route\"\n\
         max-body = \"16 MiB\"\n",
    );
    for (request, body, expected) in [
        (
            "POST /any?rest_route=/wp/v2/users/5",
            "password=a",
            "closed",
        ),
        (
            "POST /any",
            "rest_route=/wp/v2/users/5&password=a",
            "closed",
        ),
        ("GET /any?rest_route=/", "", "closed"),
        ("POST /any", "a=b", "nothing"),
        ("POST /wp-login.php", "log=j&pwd=x", "in j:x"),
        ("POST /wp-json/wp/v2/users/5", "password=a", "new a"),
    ] {
        let head = format!("{request}\n{URLENCODED}");
        assert_eq!(
            told(&forms, &head, body.as_bytes()),
            expected,
            "{request} {body}"
        );
    }
}

#[test]
fn mysql_s_users_in_adminer_can_be_written_out() {
    let forms = forms(
        "[[site.form]]\npreset = \"adminer\"\nbase = \"/adminer.php\"\n\
         [[site.form]]\nkind = \"change\"\npath = \"/adminer.php\"\nidentifier = \"user\"\n\
         password = \"pass\"\n",
    );
    for (body, expected) in [
        (
            "user=j&host=h&pass=n&objects[0]=*.*&grants[0][SELECT]=1",
            "new n +j",
        ),
        ("user=j&host=h&pass=&objects[0]=*.*", "nothing"),
        (
            "auth[driver]=server&auth[username]=j&auth[password]=x",
            "in j:x",
        ),
        ("fields[name]=n&fields[password]=p", "nothing"),
        ("fields[name]=n&fields[pass]=p", "field-name-unclear"),
    ] {
        let head = format!("POST /adminer.php?server=\n{URLENCODED}");
        assert_eq!(told(&forms, &head, body.as_bytes()), expected, "{body}");
    }
}
