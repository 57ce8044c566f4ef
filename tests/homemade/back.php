<?php
// A site made with a framework that remembers in the session which page was asked for, and leads
// there after a good sign-in and back there after a bad one: CodeIgniter's `redirect()->back()`,
// Laravel's `intended()`. For tests only: `php -S 127.0.0.1:8080 back.php`.

const RIGHT = 'Quatre vieux reverberes 1932 !';

session_start();
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
header('Content-Type: text/plain');

if ($path === '/login' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    if (($_POST['password'] ?? '') === RIGHT) {
        session_regenerate_id(true);
        $_SESSION['user'] = $_POST['login'];
    }
    header('Location: ' . ($_SESSION['before'] ?? '/login'), true, 302);
} elseif ($path === '/home') {
    $_SESSION['before'] = $_SERVER['REQUEST_URI'];
    isset($_SESSION['user']) ? print 'inside' : header('Location: /login', true, 302);
} else {
    echo 'log in';
}
