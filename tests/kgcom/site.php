<?php
// A small old site with the faults of published decisions, as they were reported. For tests
// only: `php -S 127.0.0.1:8080 site.php`, with SITE_DATA naming a folder for its files.
//
//   one character accepted, plain HTTP ............ KG COM
//   MD5 .......................................... Doctissimo, EDF, Brico Privé
//   eight characters at most, secret question,
//   passwords kept and mailed in clear ........... Infogreffe
//   six characters ............................... Discord
//   generated, short, of one class, mailed ....... Free
//   six digits ................................... Brico Privé

$data = getenv('SITE_DATA') ?: sys_get_temp_dir();
$users = "$data/users.csv";
if (!file_exists($users)) {
    $rows = "id,email,password\n";
    foreach (['ana', 'bob', 'cyd', 'dan'] as $id => $name) {
        // Two of them chose the same, and nobody has a salt.
        $rows .= $id . ",$name@example.fr," . md5($id < 2 ? 'soleil' : "voyance$id") . "\n";
    }
    // Moved in from an older site, never transformed.
    $rows .= "4,eve@example.fr,azerty1\n5,flo@example.fr,123456\n";
    file_put_contents($users, $rows);
}

function page(string $title, string $body): void
{
    header('Content-Type: text/html; charset=utf-8');
    setcookie('PHPSESSID', '7f3a', 0, '/');
    echo "<!doctype html><html lang=fr><title>$title</title><h1>$title</h1>$body";
}

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$host = $_SERVER['HTTP_HOST'];
switch ($path) {
    case '/':
        page('Voyance en ligne', '<p><a href="/connexion">Connexion</a> <a href="/inscription">Inscription</a>
            <a href="/compte/oublie">Mot de passe oublié</a> <a href="/forum/register">Forum</a> <a href="/personnel/compte">Espace du personnel</a>');
        break;
    case '/connexion':
        // The address of the form is written out, in clear.
        page('Connexion', "<form method=post action=\"http://$host/entrer\"><input name=email>
            <input type=password name=pass maxlength=8 autocomplete=off onpaste=\"return false\"><button>OK</button></form>");
        break;
    case '/entrer':
        // No limit of attempts.
        $known = array_map('str_getcsv', file($users));
        $pass = $_POST['pass'] ?? '';
        foreach ($known as $row) {
            if ($row[1] === ($_POST['email'] ?? '') && in_array($row[2], [md5($pass), $pass], true)) {
                page('Bienvenue', '<p>Votre espace');
                exit;
            }
        }
        http_response_code(401);
        page('Non', '<p>Raté');
        break;
    case '/inscription':
        $pass = $_POST['pass'] ?? null;
        if ($pass !== null && strlen($pass) >= 1 && strlen($pass) <= 8) {
            $email = str_replace([',', "\n"], '', $_POST['email'] ?? '');
            file_put_contents($users, count(file($users)) . ",$email," . md5($pass) . "\n", FILE_APPEND);
            file_put_contents("$data/mail.txt", "A : $email\nVotre mot de passe est $pass\n\n", FILE_APPEND);
            page('Merci', '<p>Votre compte est ouvert');
            break;
        }
        page('Inscription', '<form method=post><input name=email><input type=password name=pass maxlength=8>
            <input type=password name=pass2 maxlength=8><select name=question_secrete><option>Nom du chat</select>
            <input name=reponse_secrete><button>OK</button></form>
            <p>Mot de passe : 1 caractère minimum, 8 caractères maximum.
            <p>Vous recevrez votre mot de passe par courriel.');
        break;
    case '/compte/oublie':
        page('Mot de passe oublié', '<form method=get action=/compte/oublie><input name=email><input type=password name=code>
            <button>OK</button></form><p>Votre nouveau mot de passe vous sera envoyé par e-mail.');
        if (isset($_GET['email'])) {
            // Eight signs of one class, that nobody has to change.
            $new = substr(str_shuffle('abcdefghijklmnopqrstuvwxyz'), 0, 8);
            file_put_contents("$data/mail.txt", "A : {$_GET['email']}\nVotre mot de passe est $new\n\n", FILE_APPEND);
        }
        break;
    case '/forum/register':
        if (strlen($_POST['pass'] ?? '') >= 6) {
            $email = str_replace([',', "\n"], '', $_POST['email'] ?? '');
            file_put_contents($users, count(file($users)) . ",$email," . md5($_POST['pass']) . "\n", FILE_APPEND);
            page('Merci', '<p>Votre compte est ouvert');
            break;
        }
        page('Forum', '<form method=post><input name=email><input type=password name=pass minlength=6 autocomplete=new-password>
            <button>OK</button></form>');
        break;
    case '/personnel/compte':
        if (preg_match('/^[0-9]{6}$/D', $_POST['code'] ?? '')) {
            file_put_contents("$data/staff.csv", md5($_POST['code']) . "\n", FILE_APPEND);
            page('Merci', '<p>Votre mot de passe est changé');
            break;
        }
        page('Espace du personnel', '<form method=post><input type=password name=code autocomplete=new-password>
            <button>OK</button></form><p>Espace du personnel, mot de passe : 6 chiffres.');
        break;
    default:
        http_response_code(404);
        page('404', '');
}
