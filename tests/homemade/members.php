<?php
// The members' pages of a small association, as somebody made them once: one character is enough,
// and anybody may guess. For tests only: `php -S 127.0.0.1:8080 members.php`, with SITE_DATA naming
// a folder for its accounts.

session_start();
$file = getenv('SITE_DATA') . '/members.json';
$members = file_exists($file) ? json_decode(file_get_contents($file), true) : [];
$keep = function (string $name, string $password) use (&$members, $file) {
    $members[$name] = password_hash($password, PASSWORD_BCRYPT, ['cost' => 4]);
    file_put_contents($file, json_encode($members), LOCK_EX);
};
// Who is in, by a cookie of its own that a good sign-in gives.
$known = $_SESSION['membre'] ?? null;
if ($known !== null && ($_COOKIE['cercle_membre'] ?? '') !== $_SESSION['jeton']) {
    $known = null;
}

function page(string $title, string $body): void
{
    header('Content-Type: text/html; charset=utf-8');
    echo "<!doctype html><html lang=\"fr\"><title>$title</title><h1>$title</h1>$body";
}

switch (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) {
    case '/connexion.php':
        $name = $_POST['pseudo'] ?? null;
        if ($name !== null && password_verify($_POST['motdepasse'] ?? '', $members[$name] ?? '')) {
            $_SESSION['membre'] = $name;
            $_SESSION['jeton'] = bin2hex(random_bytes(8));
            setcookie('cercle_membre', $_SESSION['jeton'], 0, '/');
            header('Location: /espace.php', true, 302);
            break;
        }
        page('Connexion', ($name === null ? '' : '<p id="erreur">Pseudo ou mot de passe inconnu</p>') . '
            <form method="post"><input name="pseudo"><input type="password" name="motdepasse">
            <button>Entrer</button></form>');
        break;
    case '/espace.php':
        $known === null
            ? header('Location: /connexion.php', true, 302)
            : page('Espace du cercle', '<p id="dedans">Bienvenue</p>');
        break;
    case '/motdepasse.php':
        if ($known === null) {
            header('Location: /connexion.php', true, 302);
            break;
        }
        $new = $_POST['nouveau'] ?? '';
        $is_right = password_verify($_POST['ancien'] ?? '', $members[$known]);
        if ($is_right && $new !== '' && $new === ($_POST['confirmation'] ?? '')) {
            $keep($known, $new);
            page('Mot de passe', '<p id="fait">Votre mot de passe est changé</p>');
            break;
        }
        page('Mot de passe', '<form method="post"><input type="password" name="ancien">
            <input type="password" name="nouveau"><input type="password" name="confirmation">
            <button>Changer</button></form>');
        break;
    case '/inscription.php':
        $name = $_POST['pseudo'] ?? '';
        $password = $_POST['motdepasse'] ?? '';
        if ($name !== '' && !isset($members[$name]) && $password !== '' && $password === ($_POST['encore'] ?? '')) {
            $keep($name, $password);
            page('Inscription', '<p id="fait">Votre compte est ouvert</p>');
            break;
        }
        page('Inscription', '<form method="post"><input name="pseudo"><input type="email" name="courriel">
            <input type="password" name="motdepasse"><input type="password" name="encore">
            <button>Ouvrir</button></form>');
        break;
    default:
        http_response_code(404);
        page('Rien ici', '');
}
