"""The tables of moods: words that tell one, and how each is shown.

Looks, caption styles and colours are suggestions that a recipe with `directed` takes over. Each colour of the spoken
word has a contrast of more than 4.5 to black, which is behind the letters of these styles.
"""

from __future__ import annotations

from contracts.sight import Direction, Mood
from contracts.style import LookUse

__all__ = ["DIRECTIONS", "WORDS"]


def _direction(mood: Mood, style: str, color: str, music: str, **looks: float) -> Direction:
    uses = tuple(LookUse(name=name, strength=strength) for name, strength in looks.items())
    return Direction(mood=mood, looks=uses, caption_style=style, caption_color=color, music=music)


DIRECTIONS: dict[Mood, Direction] = {
    each.mood: each
    for each in (
        _direction("energetic", "pop", "#ffe600", "energetic, upbeat, electronic", punch_in=0.5, vivid=0.4),
        _direction("funny", "bounce", "#ffa94d", "funny, quirky, playful", punch_in=0.6),
        _direction("dramatic", "lit", "#ff8787", "dramatic, cinematic, building", slow_zoom=0.5, film=0.4),
        _direction("serious", "lit", "#74c0fc", "serious, minimal, documentary", cold=0.2),
        _direction("uplifting", "karaoke", "#ffd43b", "uplifting, hopeful, inspiring", warm=0.4, light_leak=0.3),
        _direction("calm", "lit", "#96f2d7", "calm, ambient, acoustic", slow_zoom=0.3, warm=0.2),
        _direction("sad", "lit", "#bac8ff", "sad, melancholic, piano", cold=0.4, vignette=0.4),
        _direction("tense", "lit", "#ffc078", "tense, suspense, dark", slow_zoom=0.6, vignette=0.5),
    )
}
"""How a moment of each mood is shown."""

_TOLD: dict[Mood, str] = {
    "energetic": "",
    "funny": """funny hilarious joke joked laugh laughed laughing ridiculous silly weird awkward crazy lustig witz
        lachen lachte komisch verrückt drôle blague rire ridicule fou gracioso broma chiste reír risa ridículo
        divertente scherzo ridere engraçado piada rir смешно шутка смеяться""",
    "dramatic": """never always everything nothing suddenly forever destroyed explosion shock shocked incredible
        unbelievable moment niemals plötzlich alles nichts unglaublich zerstört jamais soudain incroyable détruit
        nunca jamás repente increíble destruido mai improvvisamente incredibile никогда внезапно невероятно""",
    "serious": """problem problems research study evidence data science law policy economy responsibility important
        cause forschung studie beweis daten wissenschaft gesetz wichtig deshalb problème recherche
        étude preuve données loi important problema investigación estudio datos ciencia ley importante ricerca
        legge pesquisa dados ciência проблема исследование данные наука закон важно""",
    "uplifting": """hope dream dreams love proud success together believe grateful thank thanks amazing beautiful
        possible hoffnung traum liebe stolz erfolg zusammen glaube dankbar schön espoir rêve amour fier succès
        ensemble merci beau esperanza sueño amor orgulloso éxito juntos gracias hermoso speranza sogno amore grazie
        esperança sonho obrigado надежда мечта любовь успех вместе спасибо""",
    "calm": """calm quiet slowly breathe breath peace relax rest gentle silence ruhe langsam atmen frieden
        entspannen stille calme lentement respirer paix repos tranquilo despacio respirar paz descanso
        calma lentamente respirare pace спокойно медленно дыши покой тишина""",
    "sad": """sad cry cried crying tears died death dead lost loss alone lonely grief pain sorry miss missed traurig
        weinen tränen starb tod tot verloren allein schmerz triste pleurer larmes mort perdu seul douleur llorar
        lágrimas murió muerte perdido solo dolor piangere morte perso dolore chorar morreu dor грустно плакать
        слёзы умер смерть потерял один боль""",
    "tense": """danger dangerous afraid fear scared threat attack kill killed fight war escape warning risk panic
        gefahr gefährlich angst bedrohung angriff kampf krieg flucht warnung risiko peur menace attaque guerre fuite
        risque peligro miedo amenaza ataque guerra huir riesgo pericolo paura minaccia attacco perigo medo опасно страх
        угроза война риск""",
}
WORDS: dict[Mood, frozenset[str]] = {mood: frozenset(words.split()) for mood, words in _TOLD.items()}
"""Words of each mood in English, German, French, Spanish, Italian, Portuguese and Russian."""
