"""Categories of credit roles (data dictionary, "Role categories"): ``Mixed By [Overdubs]`` is engineering.

The names of the categories are a contract with pages and endpoints. The lists of words may be extended. They follow the
names that Discogs gives to credits, singular and plural where both occur.
"""

import re
from functools import lru_cache

OTHER = "other"

PLAYERS = """
    accompanied by, accompanist, backing band, band, big band, brass band, chamber orchestra, choir master, chorus
    master, concert band, ensemble, featuring, guest, instrument, instruments, musician, musicians, orchestra,
    performed by, performer, quartet, quintet, rhythm section, session, session musician, solo, soloist, symphony
    orchestra, trio
"""
VOICES = """
    alto vocals, backing, backing vocals, baritone, bass baritone, bass vocals, beatbox, beatboxing, boy soprano,
    caller, cantor, chant, chants, choir, chorus, coloratura, contralto, countertenor, eefing, falsetto, harmony
    vocals, human beatbox, humming, kakegoe, lead, lead vocals, mc, mezzo soprano, overtone voice, rap, rapper,
    rapping, scat, singer, singing, solo vocal, soprano, tenor, throat singing, toasting, treble, vocal, vocal
    percussion, vocalese, vocalist, vocals, voice, voices, whistling, yodeling, yodelling
"""
PERCUSSION = """
    afoxe, agogo, agogo bells, ashiko, atabal, bapang, bass drum, bata, bata drum, bell, bell tree, bells, bendir,
    berimbau, bodhran, body percussion, bombo, bones, bongo, bongos, buhay, buk, cabasa, caixa, cajon, calabash,
    castanets, caxixi, celesta, chak'chas, chimes, chinese gong, cimbalom, clapper, clapping, claps, claves, conga,
    congas, cowbell, cowbells, crotales, cuica, cymbal, cymbals, daf, daire, darabuka, darbuka, davul, dayereh, dhol,
    dholak, djembe, dohol, doyra, drum, drum kit, drum machine, drum programming, drums, dunun, electronic drums,
    finger cymbals, finger snaps, fingersnaps, frame drum, friction drum, frottoir, gamelan, ganza, ghatam, glass
    harmonica, glass harp, glockenspiel, goblet drum, gong, gongs, guacharaca, guira, guiro, hand drum, hand drums,
    hand percussion, handbell, handbells, handclaps, hang, hang drum, hi hat, hihat, hosho, idiophone, janggu, jaw
    harp, jew's harp, kalimba, kanjira, karkabas, kettle drum, khartal, khol, krakebs, lagerphone, lithophone, log
    drum, lokole, madal, maracas, marching drum, marimba, marimbula, mbira, monkey stick, mridangam, music box,
    musical box, nagara, naqareh, pakhavaj, pandeiro, percussion, piatti, quica, rainstick, ratchet, rattle, rattles,
    reco reco, repinique, riq, rototoms, sabar, scraper, scratches, shaker, shakers, shekere, singing bowl, singing
    bowls, sistrum, skratjie, slapstick, slit drum, snaps, snare, snare drum, snare drums, spoons, stamping, steel
    drum, steel drums, steelpan, stomp, stomps, surdo, surigane, tabla, tablas, tabor, taiko, talking drum, tam tam,
    tama, tambora, tamboril, tamborim, tambourine, tan tan, tap dance, tapan, tar, temple bells, temple block, temple
    blocks, thavil, tibetan bells, timbales, timpani, tom tom, tom toms, tombak, toms, tonbak, trap set, triangle,
    tubular bells, txalaparta, udu, vibes, vibraphone, vibraslap, washboard, waterphone, wind chime, wind chimes, wood
    block, wood blocks, woodblock, woodblocks, xylophone, xylorimba, zabumba, zarb
"""
KEYBOARDS = """
    accordion, baby grand piano, ballastophone, bandoneon, chamberlin, chord organ, clavichord, clavinet, claviorgan,
    concertina, dulcitone, electric grand piano, electric harmonium, electric harpsichord, electric organ, electric
    piano, farfisa, fender rhodes, fortepiano, grand piano, hammond, hammond organ, harmonium, harpsichord, honky tonk
    piano, hurdy gurdy, keyboard, keyboards, keys, keytar, lowrey organ, mellotron, melodeon, melodica, moog,
    omnichord, ondes martenot, optigan, organ, pedalboard, pianet, piano, piano accordion, piano rolls, pianola,
    player piano, prepared piano, reed organ, regal, regals, rhodes, shruti box, spinet, squeezebox, stylophone,
    synth, synth bass, synthesiser, synthesisers, synthesizer, synthesizers, synths, tack piano, tangent piano, toy
    piano, upright piano, virginal, wurlitzer
"""
STRINGS = """
    acoustic bass, acoustic guitar, archlute, arpa, autoharp, baglama, bajo quinto, bajo sexto, balalaika, bandola,
    bandora, bandura, bandurria, bangu, banhu, banjo, banjo ukulele, banjolin, barbat, barbitos, baritone guitar,
    baryton, bass, bass guitar, bass violin, berda, biwa, bladder fiddle, bouzouki, bowed bass, bowed psaltery, bowed
    strings, brac, bugarija, bulbul tarang, cavaquinho, cello, cellos, chapman stick, charango, chitarrone, cithara,
    cittern, classical guitar, clavioline, cobza, contrabass, cuatro, cumbus, cura, dan bau, diddley bow, dilruba,
    dobro, dombra, dombyra, domra, double bass, dulcimer, dutar, ektara, electric bass, electric guitar, electric
    upright bass, electric violin, epinette, erhu, esraj, fiddle, flamenco guitar, fretless bass, gadulka, gayageum,
    geomungo, gittern, goje, gottuvadhyam, guimbri, guitalele, guitar, guitar synthesizer, guitarra, guitarron,
    guitars, guqin, gusli, guzheng, hammered dulcimer, hardanger fiddle, harp, harp guitar, harps, hawaiian guitar,
    huapanguera, imzad, jarana, kabosy, kacapi, kamancha, kantele, kanun, kemenche, kirar, kobyz, kokyu, kora, koto,
    langeleik, laouto, lap steel guitar, laud, lavta, lira, lirone, liuqin, lute, lyra, lyre, mando banjo, mandobass,
    mandocello, mandoguitar, mandola, mandolin, mandolincello, mandolins, marxophone, masinko, monochord, morin khuur,
    mountain dulcimer, musical bow, ngoni, nickelharpa, nyckelharpa, octobass, oud, outi, pedal steel, pedal steel
    guitar, piccolo cello, piccolo violin, pipa, pivana, portuguese guitar, psaltery, qanun, quinton, rabab, rabel,
    rebab, rebec, reikin, requinto guitar, resonator banjo, resonator guitar, rhythm guitar, ronroco, ruan, sanshin,
    santoor, santur, sanxian, sarangi, sarod, saung, saz, semi acoustic guitar, seperewa, shamisen, sitar, slide
    guitar, spanish guitar, spike fiddle, steel guitar, stick, string bass, string instrument, string quartet, string
    section, string trio, strings, stroh violin, strumstick, surbahar, svara mandala, swarmandel, tambura, tamburitza,
    tanbur, tanpura, tapboard, theorbo, timple, tiple, tipple, tres, twelve string guitar, ukulele, valiha, veena,
    vielle, vihuela, viol, viola, viola caipira, viola d'amore, viola da gamba, viola de cocho, viola kontra, viola
    nordestina, violao, violas, violin, violino piccolo, violins, violoncello, violone, washtub bass, xalam, yali
    tanbur, yang t'chin, yangqin, zither, zongora
"""
WINDS = """
    algaita, alphorn, alto clarinet, alto flute, alto horn, alto recorder, alto saxophone, apito, arghul, aulochrome,
    bagpipe, bagpipes, bansuri, baritone horn, baritone saxophone, barrel organ, bass clarinet, bass flute, bass
    harmonica, bass saxophone, bass trombone, bass trumpet, bass tuba, basset clarinet, basset horn, bassoon, bawu,
    bayan, bellowphone, beresta, blues harp, bombarde, brass, bugle, bullroarer, chalumeau, cimbasso, clarinet,
    clarinets, clarion, claviola, comb, conch, contra alto clarinet, contrabass clarinet, contrabass saxophone,
    contrabassoon, cor anglais, corne, cornet, cornett, cornetto, cromorne, crumhorn, didgeridoo, dili tuiduk, dizi,
    drone, duduk, dulcian, dulzaina, electronic valve instrument, electronic wind instrument, english horn, euphonium,
    fife, flageolet, fluegelhorn, flugabone, flugelhorn, fluier, flumpet, flute, flute d'amour, flutes, french horn,
    friscaletto, fujara, galoubet, gemshorn, gudastviri, harmet, harmonica, harmonicas, heckelphone, helicon, highland
    pipes, horagai, horn, hornpipe, horns, hotchiku, hulusi, kaval, kazoo, khene, kortholt, launeddas, limbe, liru,
    low whistle, lur, lyricon, mellophone, mey, mizmar, mizwad, moceno, mouth harp, mouth organ, murli, musette,
    nadaswaram, ney, northumbrian pipes, nose flute, oboe, oboe d'amore, oboe da caccia, ocarina, ophicleide, overtone
    flute, pan flute, pan pipes, panpipes, pibgorn, piccolo, piccolo flute, piccolo oboe, piccolo trumpet, pipe,
    pipes, piri, pito, pixiephone, quena, quenacho, quray, rauschpfeife, recorder, recorders, reed, reeds, rhaita,
    rondador, rozhok, sackbut, salamuri, sampona, sarrusophone, sax, saxello, saxhorn, saxophone, saxophones,
    schwegel, serpent, shakuhachi, shanai, shawm, shehnai, shenai, sheng, shinobue, sho, shofar, shvi, siku, slide
    whistle, smallpipes, sopilka, sopranino recorder, sopranino saxophone, soprano clarinet, soprano cornet, soprano
    flute, soprano saxophone, soprano trombone, souna, sousaphone, subcontrabass saxophone, suling, suona, swanee
    whistle, taepyungso, tarogato, tenor horn, tenor saxophone, tenor trombone, theremin, ti tse, tin whistle,
    tonette, trombone, trombones, trumpet, trumpets, tuba, tube, tusselfloyte, txistu, uilleann pipes, valve trombone,
    valve trumpet, vevlira, vuvuzela, wagner tuba, whistle, whistles, whistling water jar, wind, wind instruments,
    wood flute, woodwind, woodwinds, xiao, xun, yorgaphone, zhaleika, zukra, zurna
"""
ELECTRONICS = """
    ableton live, arpeggiator, audio generator, bass synthesizer, basso continuo, beats, bird song, computer,
    continuo, continuum, e bow, effects, electronic percussion, electronics, emulator, feedback, field recording,
    foley, fx, groovebox, guitar effects, ipad, laptop, loop, loops, midi controller, modular synthesizer, monotribe,
    musical saw, noise, noise generator, noises, objects, oscillator, oscillators, pedals, radio, sampler, samples,
    saw, scratching, sequencer, sound effects, sounds, speech synthesizer, synclavier, talkbox, tannerin, tape, tapes,
    tenori on, toy, toys, turntable, turntables, turntablist, vocoder, wah wah, wavedrum
"""

# Phrases are compared word by word: a hyphen counts as a blank, and "a&r" is three words.
PHRASES = {
    "production": """
        producer, produced by, co producer, co produced by, executive producer, executive produced by, associate
        producer, associate produced by, assistant producer, assistant produced by
    """,
    "mastering": """
        master, mastered by, mastered at, mastering, mastering by, mastering engineer, remaster, remastered by,
        remastered at, remastering, remastering by, remastering engineer, cut by, lacquer cut by, lacquer cut at,
        transferred by, transfer by
    """,
    "engineering": """
        engineer, engineered by, engineered at, engineering, recorded by, recorded at, recording by, mixed by, mixed
        at, mixing by, remix, remixed by, remixed at, remixer, edited by, edited at, overdubbed by, overdubbed at,
        programmed by, programmed at, tape op, tape operator, sound design, sound designer, technician
    """,
    "design": """
        art direction, art directed by, art director, artwork, artwork by, calligraphy, calligraphy by, cover, cover
        by, design, design by, designed by, designed at, designer, graphics, graphics by, graphic design,
        illustration, illustrations, illustration by, illustrated by, image editor, image edited by, layout, layout
        by, lettering, lettering by, liner notes, liner notes by, painting, paintings, painting by, painted by,
        photography, photography by, photographer, photo, photos, photos by, sleeve, sleeve by, sleeve notes, sleeve
        notes by, typography, typography by, drawing, drawings, drawing by
    """,
    "management": """
        a&r, a & r, a+r, administrator, administration, booking, booked by, booker, coordinator, coordinated by,
        legal, management, management by, managed by, manager, product manager, production manager, production
        coordinator, promotion, promotion by, promoter
    """,
    "session": f"{PLAYERS},{VOICES},{PERCUSSION},{KEYBOARDS},{STRINGS},{WINDS},{ELECTRONICS}",
}
DETAIL = re.compile(r"\[[^\[\]]*(?:\]|$)")
WORD = re.compile(r"\w+|[&+]")


@lru_cache(maxsize=100_000)
def categorise(role: str) -> str:
    """Return the category of the first part of a role that has one, else ``other``.

    Commas outside ``[…]`` separate the parts, and text in brackets is ignored. Within a part the longest phrase
    decides, so ``Mastering Engineer`` is mastering.
    """
    # Cached: a dump has 3.4 million different roles, but a few thousand of them make up nearly all credits.
    parts = _drop_detail(role.lower()).split(",")
    return next(filter(None, map(_category, parts)), OTHER)


def _drop_detail(role: str) -> str:
    # Each round removes the innermost brackets. A bracket that is never closed reaches to the end.
    found = 1
    while found:
        role, found = DETAIL.subn(" ", role)
    return role


def _category(part: str) -> str | None:
    words = WORD.findall(part)
    spans = (
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1)
    )
    longest = max((span for span in spans if span in CATEGORIES), key=len, default=None)
    return CATEGORIES[longest] if longest else None


def _categories() -> dict[str, str]:
    return {
        " ".join(WORD.findall(phrase)): category
        for category, phrases in PHRASES.items()
        for phrase in phrases.split(",")
    }


CATEGORIES = _categories()
LONGEST = max(len(phrase.split()) for phrase in CATEGORIES)
