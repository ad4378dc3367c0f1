"""What is said in the talks: written for these tests, one sentence a line (see `talks.told`)."""

from __future__ import annotations

__all__ = ["INTERVIEW", "LECTURE", "SCRIPTS"]

INTERVIEW = """
A: Welcome back to the garden programme.
Today I am sitting here with a man who keeps bees on the roof of an opera house.
(pause 1)
A: How did forty thousand bees end up on an opera house?
B: My flat was too small, and the landlord had already found the first hive in the bathtub.
(laughter 2.5)
B: So I asked the lighting technician for a key to the roof.
He thought it was for a cigarette.
It was four years before anybody noticed.
(pause 1.2)
A: And what do they eat up there, in the middle of the city?
B: Chestnuts, lime trees, and the balconies of rich people.
That is why the honey tastes different every single summer.
In one year it tasted of mint, because a restaurant had planted an entire roof of it.
(pause 1.5)
A: What is the biggest mistake that beginners make?
B: They open the hive every day.
Imagine somebody lifting off your roof every morning to see whether you are happy.
(laughter 3)
(pause 1)
B: The weather was very good this week and we had some visitors from the council.
They walked around for a while and then they went down again.
There was also a man from the newspaper.
(pause 1)
A: Do bees recognise the person who keeps them?
B: No, but they do recognise a bad mood.
Beekeepers who slam the lid get stung twice as often, and nobody can tell me that this is a coincidence.
(applause 3)
A: Thank you for coming.
B: Thank you for having me.
"""

LECTURE = """
A: Good morning, and please take your seats.
The slides will be on the website after the lecture, and there is a sheet at the door.
(pause 1.5)
A: Most people believe that memory works like a camera.
In truth, you rebuild every memory from scratch each time you call it up.
In 1974 Elizabeth Loftus showed a film of a car crash to forty-five students.
Those who were asked how fast the cars smashed into each other remembered broken glass.
There was no broken glass in the film.
(pause 1.5)
A: The room next door will be used this afternoon, so we have to finish on time.
Some of you have asked about the reading list.
That list is still being put together.
(pause 1)
A: There are three things you can do tonight to remember more of this lecture.
First, close the laptop and write by hand.
Second, explain what you have heard to somebody who does not care about it.
Third, sleep, because a night without sleep costs you forty percent of what you learned.
(pause 1.5)
A: My grandmother had her own method.
She used to say, "Whoever wants to remember a name must give it a face.
Whoever wants to forget one must lend it money."
She lent money to all of us.
(laughter 3)
(pause 1)
A: The second part of this course deals with attention.
We shall begin with the older literature and then look at newer work.
It will take about five weeks.
(pause 0.8)
A: See you on Thursday.
"""

SCRIPTS: dict[str, tuple[str, str, str]] = {
    "de": (
        """
        A: Guten Abend und herzlich willkommen in der Stadtbücherei.
        Ich freue mich, dass trotz des Regens so viele gekommen sind.
        (pause 1.5)
        A: Warum schmeckt Tomatensaft im Flugzeug besser als am Boden?
        In zehntausend Metern Höhe verliert die Zunge ein Drittel ihres Geschmacks.
        Salz und Zucker verschwinden, aber Umami bleibt, und Tomaten sind voll davon.
        Eine Fluglinie verkauft davon mehr als Bier.
        (laughter 2)
        (pause 1)
        A: Die Küche im Flughafen wurde im letzten Herbst umgebaut.
        Deshalb war sie einige Wochen geschlossen.
        Er hat uns damals herumgeführt und alles gezeigt.
        Das war ein langer Tag mit vielen Treppen und wenig Licht.
        Zweitens möchte ich noch den Parkplatz erwähnen.
        Dort steht jetzt ein neuer Automat für die Karten.
        """,
        "Warum schmeckt Tomatensaft im Flugzeug besser als am Boden?",
        "Eine Fluglinie verkauft davon mehr als Bier.",
    ),
    "fr": (
        """
        A: Bonsoir à toutes et à tous, merci d'être venus.
        Le bar reste ouvert pendant la conférence.
        (pause 1.5)
        A: Pourquoi les horloges tournent-elles toutes dans le même sens ?
        Au nord de l'équateur, l'ombre d'un cadran solaire tourne vers la droite.
        Les premiers horlogers ont simplement copié le soleil, et personne n'a jamais changé d'avis.
        Si l'horloge était née en Australie, nous vivrions tous à l'envers.
        (laughter 2)
        (pause 1)
        A: Le musée a acheté plusieurs cadrans pendant les travaux.
        Il les garde dans une salle au premier étage.
        Cette salle est fermée le lundi et le mardi.
        Donc il vaut mieux venir le mercredi avec une petite lampe.
        Deuxièmement, le jardin ouvre plus tard en hiver.
        On y trouve des bancs et une fontaine.
        """,
        "Pourquoi les horloges tournent-elles toutes dans le même sens\u00a0?",
        "Si l'horloge était née en Australie, nous vivrions tous à l'envers.",
    ),
    "es": (
        """
        A: Buenas tardes y bienvenidos al museo.
        Los baños están al fondo, a la derecha.
        (pause 1.5)
        A: ¿Por qué nadie puede hacerse cosquillas a sí mismo?
        El cerebelo predice cada movimiento y borra la sorpresa antes de que llegue.
        Un laboratorio de Londres construyó un robot que hacía cosquillas con un retraso de dos segundos.
        Los voluntarios se rieron de su propia mano.
        (laughter 2)
        (pause 1)
        A: El laboratorio está en un edificio de ladrillo cerca del río.
        Ellos trabajan allí desde hace mucho tiempo.
        Por eso conocen bien el barrio y las tiendas.
        Esto lo contó una vecina durante la visita.
        Su casa tiene una puerta verde y un patio con plantas.
        """,
        "¿Por qué nadie puede hacerse cosquillas a sí mismo?",
        "Los voluntarios se rieron de su propia mano.",
    ),
    "pt": (
        """
        A: Boa noite e sejam bem-vindos à biblioteca.
        O café fica aberto até mais tarde.
        (pause 1.5)
        A: Você sabia que um polvo tem nove cérebros?
        Cada braço pensa sozinho, e o cérebro do meio só dá sugestões.
        Num aquário da Nova Zelândia, um polvo saiu do tanque durante a noite e achou o cano que leva ao mar.
        O vizinho de tanque ficou, e até hoje ninguém sabe o motivo da briga.
        (laughter 2)
        (pause 1)
        A: O aquário foi reformado pela prefeitura.
        Ele fica perto do porto, ao lado da estação.
        Isso facilita a visita das escolas durante a semana.
        Portanto as filas são longas de manhã.
        Elas diminuem depois do almoço.
        """,
        "Você sabia que um polvo tem nove cérebros?",
        "O vizinho de tanque ficou, e até hoje ninguém sabe o motivo da briga.",
    ),
    "it": (
        """
        A: Buonasera e benvenuti al festival.
        I programmi si trovano all'ingresso.
        (pause 1.5)
        A: Quanto pesa una nuvola?
        Una piccola nuvola d'estate pesa cinquecento tonnellate, come cento elefanti.
        Non cade mai, perché le gocce sono così piccole che l'aria le sostiene.
        Mio figlio mi ha chiesto dove vanno a dormire gli elefanti.
        (laughter 2)
        (pause 1)
        A: La stazione meteorologica si trova sulla collina.
        Lei lavora lì da molti anni con due colleghi.
        Questo edificio era una scuola con un grande cortile.
        Quindi le stanze sono alte e fredde.
        Loro portano sempre una giacca.
        """,
        "Quanto pesa una nuvola?",
        "Mio figlio mi ha chiesto dove vanno a dormire gli elefanti.",
    ),
    "ru": (
        """
        A: Добрый вечер, проходите и садитесь.
        Гардероб находится слева от входа.
        (pause 1.5)
        A: Почему лёд скользкий?
        Сто лет учёные считали, что его плавит давление конька.
        Но при минус двадцати градусах давления не хватает, а дети всё равно катаются.
        Оказалось, что верхний слой льда никогда не бывает твёрдым до конца.
        (applause 2)
        (pause 1)
        A: Лаборатория переехала в новое здание у реки.
        Она занимает там целый этаж.
        Поэтому приборы перевозили несколько недель.
        Они до сих пор стоят в коробках.
        Это немного мешает работать по утрам.
        """,
        "Почему лёд скользкий?",
        "Оказалось, что верхний слой льда никогда не бывает твёрдым до конца.",
    ),
    "ja": (
        """
        A: みなさん、こんばんは。
        今日は雨の中、ありがとうございます。
        (pause 1.5)
        A: なぜ猫は高いところから落ちても足で着地できるのでしょうか。
        猫の背骨は人間より柔らかく、空中で体を二つに分けて回します。
        一九六九年、ある研究者は三百枚の写真でこの動きを説明しました。
        実は、その研究者の猫は一度も協力してくれなかったそうです。
        (laughter 2)
        (pause 1)
        A: 研究所は駅の近くに移りました。
        彼は毎朝そこまで歩いて通います。
        だから靴がすぐに古くなります。
        それは仕方のないことです。
        二つ目に、建物の入り口について説明します。
        """,
        "なぜ猫は高いところから落ちても足で着地できるのでしょうか。",
        "実は、その研究者の猫は一度も協力してくれなかったそうです。",
    ),
    "zh": (
        """
        A: 大家晚上好，欢迎来到图书馆。
        今天外面下雨，谢谢大家过来。
        (pause 1.5)
        A: 为什么飞机的窗户都是圆角的？
        一九五四年，两架彗星客机在空中解体，谁也不知道原因。
        工程师把整架飞机放进水池里反复加压，三千次以后，方形窗户的角上裂开了一条缝。
        从那以后，没有人再给飞机装过方形的窗户。
        (applause 2)
        (pause 1)
        A: 博物馆里有一个很大的模型。
        他每天都去那里打扫卫生。
        所以模型总是很干净。
        这让参观的学生很高兴。
        第二，门口的小店也卖明信片。
        """,
        "为什么飞机的窗户都是圆角的？",
        "从那以后，没有人再给飞机装过方形的窗户。",
    ),
}
"""By language: a talk, and the lines that its best moment starts and ends with."""
