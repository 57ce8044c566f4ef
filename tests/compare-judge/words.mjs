// What the corpus is made of beside the peer's packs.

/** French towns and their postcodes. */
export const TOWNS = [
  ['paris', '75011'], ['paris', '75000'], ['marseille', '13000'], ['lyon', '69003'], ['toulouse', '31000'],
  ['nice', '06000'], ['nantes', '44000'], ['montpellier', '34000'], ['strasbourg', '67000'], ['bordeaux', '33000'],
  ['lille', '59000'], ['rennes', '35000'], ['reims', '51100'], ['toulon', '83000'], ['grenoble', '38000'],
  ['dijon', '21000'], ['angers', '49000'], ['nîmes', '30000'], ['villeurbanne', '69100'], ['brest', '29200'],
  ['limoges', '87000'], ['amiens', '80000'], ['perpignan', '66000'], ['metz', '57000'], ['besançon', '25000'],
  ['orléans', '45000'], ['rouen', '76000'], ['mulhouse', '68100'], ['caen', '14000'], ['nancy', '54000'],
  ['argenteuil', '95100'], ['montreuil', '93100'], ['roubaix', '59100'], ['tourcoing', '59200'], ['dunkerque', '59140'],
  ['avignon', '84000'], ['poitiers', '86000'], ['versailles', '78000'], ['pau', '64000'], ['calais', '62100'],
  ['antibes', '06600'], ['colmar', '68000'], ['quimper', '29000'], ['valence', '26000'], ['lorient', '56100'],
  ['niort', '79000'], ['chambéry', '73000'], ['vannes', '56000'], ['bayonne', '64100'], ['montélimar', '26200'],
  ['aurillac', '15000'], ['saumur', '49400'], ['guingamp', '22200'], ['périgueux', '24000'], ['carcassonne', '11000'],
];

/** Sentences; N stands for a first name, W for a word. */
export const PHRASES = [
  'je t aime N', 'mon chat N', 'ma fille N', 'mon chien s appelle N', 'vive les W', 'la vie est belle',
  'j aime le W', 'N et N', 'mon petit W', 'le W du N', 'bonjour N', 'N mon amour', 'je suis N', 'c est la vie',
  'un W et un W', 'mot de passe N', 'le chat et le W', 'pour toujours N', 'famille N', 'les enfants de N',
  'i love N', 'my W is W', 'the W of N', 'my dog N', 'hello W', 'let me in N', 'forever N', 'N and N',
  'W W W', 'W W', 'W de W', 'W W W W', 'le W W', 'chez N', 'maison de N', 'vacances a la W',
];

/** Rows of keys, upper row first: AZERTY as printed with and without digits, QWERTY, BÉPO. */
export const LAYOUTS = [
  ['1234567890', 'azertyuiop', 'qsdfghjklm', 'wxcvbn,;:!'],
  ['&é"\'(-è_çà', 'azertyuiop', 'qsdfghjklm', 'wxcvbn,;:!'],
  ['1234567890', 'qwertyuiop', 'asdfghjkl;', 'zxcvbnm,./'],
  ['1234567890', 'bépoèvdljz', 'auiectsrnm', 'àyx.kqghfw'],
];

/** Stems of French words and the endings that they take. */
export const STEMS = [
  'mang', 'chant', 'regard', 'travaill', 'oubli', 'demand', 'imagin', 'trouv', 'dans', 'rêv', 'écout', 'parl',
  'voyag', 'embrass', 'photographi', 'collectionn', 'jardin', 'bricol', 'téléphon', 'cuisin', 'gagn', 'port',
];
export const ENDINGS = ['er', 'ez', 'ons', 'ent', 'ais', 'ait', 'ions', 'erai', 'eront', 'erions', 'ant', 'ée', 'ées', 'eur', 'euse', 'ement'];

/** Clubs, brands, months, beasts: what is dear to people. */
export const THINGS = [
  'psg', 'olympiquedemarseille', 'losc', 'asse', 'ogcnice', 'stadebrestois', 'arsenal', 'liverpool', 'chelsea',
  'renault', 'peugeot', 'citroen', 'ferrari', 'nintendo', 'pokemon', 'starwars', 'decathlon', 'orange', 'iphone', 'samsung',
  'janvier', 'février', 'mars', 'avril', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre',
  'lundi', 'dimanche', 'summer', 'winter', 'printemps', 'hiver', 'noel', 'doudou', 'bisou', 'chouchou', 'loulou',
  'minou', 'biscotte', 'caramel', 'gribouille', 'princesse', 'licorne', 'zidane', 'mbappe', 'naruto', 'harrypotter',
];

/** Chosen by hand: what zxcvbn's own page shows, and what this project began with. */
export const LISTED = [
  'zxcvbn', 'qwER43@!', 'Tr0ub4dour&3', 'Tr0ub4dor&3', 'correcthorsebatterystaple', 'coRrecth0rseba++ery9.23.2007staple$',
  'D0g..................', 'abcdefghijk987654321', 'neverforget13/3/1997', '1qaz2wsx3edc', 'temppass22', 'briansmith',
  'briansmith4mayor', 'password1', 'viking', 'thx1138', 'ScoRpi0ns', 'do you know', 'ryanhunter2000', 'rianhunter2000',
  'asdfghju7654rewq', 'AOEUIDHG&*()LS_', '12345678', 'defghi6789', 'rosebud', 'Rosebud', 'ROSEBUD', 'rosebuD',
  'ros3bud99', 'r0s3bud99', 'R0$38uD99', 'verlineVANDERMARK', 'eheuczkqyq', 'rWibMFACxAUGZmxhVncy',
  'Ba9ZyWABu99[BK#6MBgbH88Tofv)vs$w', 'Anticonstitutionnellement', 'Azertyuiop1!', 'Marseille13000!', 'jetaimemoncoeur',
  'Doudou2019', 'Soleil2024!', 'JeanDupont75!', 'MonChatS\'appelleFelix1', 'cheval pile agrafe correct piano rivage onze',
  'motdepasse', 'MotDePasse123!', 'P@ssw0rd123!', 'azerty', 'Azerty123!', 'nicolas', 'loulou', 'chouchou', 'Camille2003',
  'Bretagne29!', 'PSG75', 'allezlom13', 'ilovemydog', 'Liverpool1!', 'letmein!', 'Iloveyou2', '0612345678', '14071789',
  '7281930465728193', '9fK!r2Vq#tZ7', 'aB3aB3aB3aB3aB', 'àéèùç', 'élégance', '3l3g4nc3', 'ecnagele', 'bépoauie',
];
