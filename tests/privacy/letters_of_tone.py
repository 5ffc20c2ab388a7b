"""Answers to customers: good ones, of which nothing may be marked, and bad ones with the places to mark."""

from __future__ import annotations

#: Today and the approved date, in all of them.
TODAY, APPROVED = "2034-03-01", "2034-03-14"

GOOD_ENGLISH = (
    """Hello Jane,

thank you for your report on Friday. We found the cause: after the update, thumbnails were made in a folder that the
web server may not write to. That was our mistake, and we are sorry for the trouble it caused.

We fixed it in version 3.2.1 and tested it with your three photos on our staging host. Please upload a photo and tell us
whether it appears.

Kind regards
Ada""",
    """Hello Mr. Smith,

your question is a good one, e.g. many people ask it in the first week. To change the title, open “Site Admin”, then
“Themes”. If the page says "This should work soon", reload it once.

> I fixed the .htaccess myself, you should have told me! It must be done by Friday.

That was the right thing to do. The new file is in place since 27 February 2034, and the page opens again.

Ada""",
    """We have released version 4.0 on 14 March 2034. It contains the change that you asked for: albums can be sorted by
date. You find the list of changes at https://example.org/releases/2034-04-01/ and the guide at
https://example.org/soon.""",
    """The update is planned for Tuesday, 14 March 2034. We write to you once it is there.""",
    """Your error message says that the disk is full. Your error log has the same line three times. It was not your
fault: the backups of the provider grew overnight. We removed the old ones, and the upload works: we tried it with a
file of 20 MB.""",
    """You did nothing wrong. The button did not do what it said. We corrected its text.""",
    """We cannot guarantee that the old theme works with PHP 8.2.10, so we left it switched off. Tell us as soon as you
have chosen another one, and we continue. Please write to us as soon as possible if the site shows an error.""",
    """You should see a green button on the page. You may have to reload it. You need not answer anything twice.""",
    """Thank you for your call on Monday. As you asked, we moved the album. It took two days because there were 14,000
photos; we checked each of them. The backup is kept for 14 days.""",
    """I am Ben, and I have taken over your ticket PS-7K3F-9QXM. A colleague wrote to you about it on 3 February 2034;
you need not answer anything twice. I have installed the gallery, uploaded a test photo and rotated it.""",
    """We are investigating the issue. You can follow it on your private page. We know what happens, and not yet why: the
server stops while it reads large photos. We write again when we know more.""",
    """We are here Monday to Friday from 9:00 to 17:00. You can call us within these hours.""",
    """Could you tell us by Friday whether the old host may be switched off? If you want to keep it, please write to us
before 20 March 2034.""",
    """The fault came back after the update of 21 February 2034, which we had not tested with your theme. We apologise for
that. We changed two files: config.php and upload.php, and the photos are shown again. Should anything look
different from before, please answer this letter.""",
    """That page answers it: https://example.org/help/rotate. Does that answer your question? A “yes” is enough.""",
    """In the settings, enter the length in minutes. A session ends after 30 minutes; 1/2 of the hosts do that. The value
2034-03-14 is right.""",
    """Your invoice of 12.02.2034 is paid, thank you. No. 4711 is in our books.""",
    """The error occurs when two people upload at once. We repaired it together with the maintainers of the library: the
correction is in our testing system since last week, and goes into production with release 5.1.""",
    """We hope this helps you. If not, tell us what is missing; we look into it.""",
    """What we found: no photo was lost. The index was broken, probably by a full disk. We built it anew on Wednesday and compared
the numbers: 1,204 photos before, 1,204 after.""",
    """We were able to repeat the error in three ways. Each of them is gone in the new version: we tried all of them again
before writing to you.""",
    """The customer number is at the top of your order. It may have moved since the last version. May we ask which
browser you use?""",
)

GOOD_GERMAN = (
    """Guten Tag Frau Weber,

vielen Dank für Ihre Nachricht vom Freitag. Wir haben die Ursache gefunden: Seit der Aktualisierung wurden die
Vorschaubilder in einem Ordner abgelegt, in den der Webserver nicht schreiben darf. Das war unser Fehler, und es tut
uns leid, dass Sie dadurch Mühe hatten.

Wir haben den Fehler in Version 3.2.1 behoben und mit Ihren drei Fotos auf unserem Testsystem geprüft. Bitte laden Sie ein Foto
hoch und sagen Sie uns, ob es erscheint.

Mit freundlichen Grüßen
Ada""",
    """Die neue Version erscheint am 14. März 2034. Wir schreiben Ihnen, sobald sie da ist.""",
    """Sie haben nichts falsch gemacht. Die Schaltfläche tat nicht, was auf ihr steht. Wir haben ihren Text berichtigt.""",
    """Ihre Fehlermeldung sagt, dass die Platte voll ist. Es war nicht Ihr Fehler: die Sicherungen des Anbieters sind über
Nacht gewachsen. Wir haben die alten entfernt, und das Hochladen geht wieder; wir haben es mit einer Datei von 20 MB versucht.""",
    """Um den Titel zu ändern, öffnen Sie „Verwaltung“ und dann „Themen“. Falls dort „Sollte bald wieder funktionieren“
steht, laden Sie die Seite einmal neu.

> Sie hätten mir das sagen müssen! Das muss bis Freitag fertig sein.

Danke für den Hinweis, wir haben den Satz geändert.""",
    """Wir haben Ihre Galerie am 27. Februar 2034 eingerichtet. Die Sicherung wird 14 Tage aufbewahrt.""",
    """Hätten Sie einen Augenblick Zeit für zwei Fragen? Welchen Browser benutzen Sie, und welche Version hat er?""",
    """Bitte antworten Sie bis Freitag, ob der alte Server abgeschaltet werden darf. Wenn Sie ihn behalten möchten, melden Sie
sich bitte möglichst bald.""",
    """Wir untersuchen den Fehler. Wir wissen, was geschieht, und noch nicht, warum. Wir schreiben wieder, wenn wir mehr
wissen. Bis bald, Ihre Ada""",
    """Wir können nicht garantieren, dass das alte Thema mit PHP 8.2.10 läuft, und haben es deshalb ausgeschaltet.""",
    """Guten Morgen Herr Weber, danke für Ihren Anruf am Montag. Wie gewünscht haben wir das Album verschoben. Es hat zwei
Tage gedauert, weil es 14.000 Fotos waren; wir haben jedes geprüft.""",
    """Der Fehler, den Sie am Freitag gemeldet haben, kam mit der Aktualisierung vom 21.02.2034, die wir nicht mit Ihrem Thema
geprüft hatten. Dafür entschuldigen wir uns.""",
    """Wir sind von Montag bis Freitag von 9 bis 17 Uhr für Sie da, z. B. am Telefon.""",
    """Das Problem tritt auf, wenn zwei Personen gleichzeitig hochladen. Wir haben es behoben; die Korrektur ist seit letzter
Woche auf unserem Testsystem und kommt mit der Version 5.1.""",
    """Sie hatten recht: Die Anleitung war falsch. Wir haben sie verbessert: https://example.org/hilfe/demnächst""",
)

#: The places to mark stand between ⟦ and ⟧, with the name of the rule after a bar.
BAD_ENGLISH = (
    "Hello Jane, ⟦I fixed|i-fixed⟧ the upload for you.",
    "⟦I have now repaired|i-fixed⟧ your gallery, and it runs.",
    "⟦I’ve fixed|i-fixed⟧ it. We tested it as well.",
    "Yesterday ⟦I was able to fix|i-fixed⟧ the index.",
    "The folder was full and ⟦I finally found the cause|i-fixed⟧ of it.",
    "It works with ⟦my patch|i-fixed⟧ on your host.",
    "⟦You should have made|blame⟧ a backup before the update.",
    "You can see that ⟦you should not have changed|blame⟧ the file.",
    "This was ⟦your mistake|blame⟧, and we have undone it.",
    "The cause is ⟦your own error|blame⟧ in the settings.",
    "It broke because ⟦you failed to|blame⟧ read the guide.",
    "It seems that ⟦you forgot to|blame⟧ save the page, which is why it is empty.",
    "⟦You did not even read|blame⟧ what we sent to you.",
    "⟦If you had read|blame⟧ the page, this would not be there.",
    "This is a ⟦user error|blame⟧ and not a bug.",
    "⟦You misconfigured|blame⟧ the web server.",
    "⟦You have made a mistake|blame⟧ in the second line.",
    "⟦As I already told you|as-i-told-you⟧, the host has too little memory.",
    "⟦As previously mentioned|as-i-told-you⟧, this is not part of the service.",
    "⟦We already told you|as-i-told-you⟧ that it is not in the price.",
    "⟦Per my last email|as-i-told-you⟧, the disk is full.",
    "We changed the setting, so it ⟦should work|uncertain⟧ for you.",
    "The thumbnails ⟦should now be fixed|uncertain⟧ on all pages.",
    "⟦Hopefully|uncertain⟧ that is all of it.",
    "⟦We guarantee|guarantee⟧ that the photos are there.",
    "⟦I promise|guarantee⟧ that it stays like this.",
    "This ⟦will not happen again|guarantee⟧, and we are sorry.",
    "That ⟦won’t happen again|guarantee⟧ to you.",
    "The new version comes ⟦soon|soon⟧ and has it.",
    "We will look at it ⟦as soon as possible|soon⟧.",
    "You ⟦will hear from us shortly|soon⟧; the rest is done.",
    "We will look into it ⟦next week|date⟧ and write to you.",
    "It will be there ⟦by Friday|date⟧.",
    "We are done ⟦by the end of the month|date⟧.",
    "The release is ⟦on 15 March 2034|date⟧.",
    "The release is ⟦on March 15th, 2034|date⟧.",
    "It comes ⟦on the 3rd of April|date⟧ with the update.",
    "It is there ⟦2034-04-01|date⟧ at the latest.",
    "You have it ⟦by 4/15|date⟧ on your host.",
    "The update is planned for ⟦15.03.2034|date⟧.",
    "We will have it ⟦in two weeks|date⟧, and then you can test it.",
    "We write to you ⟦within 24 hours|date⟧.",
    "Your photos will be back ⟦tomorrow morning|date⟧.",
    "We fix it ⟦in a few days|date⟧, not before.",
    "The fix comes ⟦in April|date⟧ with the next release.",
    "⟦I fixed|i-fixed⟧ it, but ⟦you should have told|blame⟧ us before. It ⟦should work|uncertain⟧ ⟦by Monday|date⟧.",
)

BAD_GERMAN = (
    "⟦Ich habe den Fehler behoben|i-fixed⟧, und die Galerie läuft.",
    "Das Problem ⟦habe ich gestern gelöst|i-fixed⟧ und geprüft.",
    "⟦Ich konnte das Hochladen auf Ihrem Server reparieren|i-fixed⟧.",
    "Der Ordner ist ⟦von mir korrigiert|i-fixed⟧ worden.",
    "⟦Sie hätten vorher eine Sicherung machen sollen|blame⟧.",
    "⟦Hätten Sie die Anleitung gelesen|blame⟧, wäre das nicht geschehen.",
    "Das war ⟦Ihr Fehler|blame⟧, und wir haben ihn rückgängig gemacht.",
    "⟦Sie haben vergessen|blame⟧, die Seite zu speichern.",
    "⟦Sie haben die Anleitung nicht gelesen|blame⟧ und uns nicht gefragt.",
    "Hier liegt ein ⟦Bedienungsfehler|blame⟧ vor, kein Fehler der Galerie.",
    "⟦Wie bereits erwähnt|as-i-told-you⟧ ist die Platte voll.",
    "⟦Wie ich Ihnen schon geschrieben|as-i-told-you⟧ habe, ist das nicht im Preis enthalten.",
    "⟦Wie gesagt|as-i-told-you⟧: das ist nicht im Preis enthalten.",
    "Die Vorschaubilder ⟦sollten jetzt wieder funktionieren|uncertain⟧.",
    "Die Seite ⟦sollte damit laufen|uncertain⟧, und die Bilder auch.",
    "⟦Hoffentlich|uncertain⟧ ist das alles.",
    "⟦Wir garantieren|guarantee⟧, dass die Fotos da sind.",
    "Das ist ⟦garantiert|guarantee⟧ so.",
    "Das ⟦wird nicht wieder vorkommen|guarantee⟧, und es tut uns leid.",
    "Die neue Version kommt ⟦demnächst|soon⟧ und hat es.",
    "Wir sehen es uns ⟦so schnell wie möglich|soon⟧ an.",
    "Sie hören ⟦bald|soon⟧ von uns.",
    "Wir beheben es ⟦nächste Woche|date⟧ und schreiben Ihnen.",
    "Es ist ⟦bis Freitag|date⟧ da.",
    "Die Version erscheint ⟦am 15. März 2034|date⟧.",
    "Die Version erscheint ⟦am 15.3.|date⟧ mit der Änderung.",
    "Der Termin ist der ⟦15.03.2034|date⟧ und kein anderer.",
    "Wir liefern es ⟦in zwei Wochen|date⟧ und dann können Sie es prüfen.",
    "Wir melden uns ⟦innerhalb von 24 Stunden|date⟧ bei Ihnen.",
    "Die Fotos sind ⟦morgen früh|date⟧ wieder da.",
    "Das ist ⟦Ende der Woche|date⟧ auf Ihrem Server.",
    "Das kommt ⟦im April|date⟧ mit der nächsten Version.",
)
