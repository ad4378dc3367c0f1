"""What nine languages say to point back, to answer, to count, to surprise. Phrases have `_` for a space."""

from __future__ import annotations

__all__ = ["PHRASES"]

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "back": """he he's she she's they they're him her his hers their theirs them this that that's these those
            which because so therefore thus hence otherwise instead as_a_result for_that_reason on_the_other_hand
            the_former for_example for_instance in_contrast the_same the_latter such_a neither_of one_of_them
            both_of_them cause""",
        "soft": """in_truth in_fact in_reality and but or nor also then it it's its still anyway plus yet meanwhile
            besides moreover furthermore however afterwards there_too we_too me_too""",
        "stands": """this_is_a this_is_an this_is_my this_is_our this_is_the_story this_is_what this_year this_week
            this_month this_morning this_summer this_winter this_evening this_video this_talk this_episode
            these_days so_many so_much so_few so_far they_say those_who he_who it_takes it_turns_out
            that_moment_when second_world_war the_second_world_war the_other_day next_week next_year next_month
            next_time because_of_you it_is_said her_majesty such_a_thing_as this_is_your""",
        "skipped": """well um uh er ah oh okay ok right now look listen see i_mean you_know like yeah actually
            basically honestly when while if as after before since although though even until once whenever and but
            so""",
        "reply": "yes yeah yep no nope exactly right sure absolutely correct of_course definitely true not_really",
        "greets": """can_you_hear_me any_questions are_there_any_questions are_there_questions
            do_you_have_questions hello hi welcome good_morning good_evening good_afternoon thank_you thanks
            subscribe take_your_seats see_you goodbye bye""",
        "later": """second, secondly third, thirdly fourth, fourthly fifth, fifthly finally, lastly next,
            number_two number_three number_four number_five the_second_one the_second_thing the_second_reason
            the_second_is the_second_rule the_second_step the_second_way the_second_lesson the_second_mistake
            the_third_one the_third_thing the_third_reason the_third_is the_third_rule the_third_step the_third_way
            the_third_lesson the_third_mistake the_next_thing the_next_one the_next_step another_thing another_one
            another_reason step_two step_three step_four tip_two tip_three rule_two rule_three lesson_two
            reason_two the_other_one""",
        "asks": """why how which what what's who who's where when_did when_do do_you did_you have_you are_you
            can_you would_you could_you should_we is_there is_it""",
        "turns": """everybody everyone most_people imagine but however instead actually never nobody nothing no_one
            secret wrong mistake mistakes truth worst surprising surprised shocking shocked impossible unbelievable
            crazy insane stop forget except although contrary opposite lie lied myth failed ruined turns_out best
            suddenly""",
        "counts": """two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty
            sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion billions
            trillion half double twice triple percent dozen dozens""",
        "hanging": "the a an of and or but because with for from my your our their than if into very i we he she they",
    },
    "de": {
        "back": """er ihm ihn deshalb deswegen daher darum weil denn dadurch dafür dagegen damit dies dieser diese
            dieses diesen diesem jener jene jenes das_ist das_war das_sind das_waren das_bedeutet das_heißt das_hat
            das_macht das_kann das_wird das_geht sie_war sie_ist sie_hat sie_hatte sie_wurde sie_ging sie_sagte
            sie_kam sie_wird sie_kann solche stattdessen zum_beispiel dasselbe sonst andernfalls folglich somit
            so_dass deren dessen""",
        "soft": """und aber oder sondern doch dann danach auch sie es ihr ihre ihren so also außerdem trotzdem
            dennoch jedoch hier dabei davon dazu darauf dort da""",
        "stands": """dieses_jahr diese_woche diesen_monat diesen_sommer diesen_winter dieses_video diese_folge
            heute_morgen das_ist_ein das_ist_eine das_ist_mein das_ist_meine so_viele so_viel es_war_einmal es_gibt
            es_gab das_jahr der_zweite_weltkrieg das_nächste_mal nächste_woche da_draußen""",
        "skipped": "äh ähm naja nun tja okay gut also ja und aber wenn als während obwohl nachdem bevor sobald falls",
        "reply": "ja nein genau richtig stimmt natürlich klar doch",
        "greets": """gibt_es_fragen haben_sie_fragen hören_sie_mich hört_ihr_mich noch_fragen hallo guten_morgen
            guten_tag guten_abend herzlich_willkommen willkommen danke vielen_dank abonniert abonnieren tschüss
            auf_wiedersehen bis_bald moin servus""",
        "later": """zweitens drittens viertens fünftens zuletzt schließlich nummer_zwei nummer_drei nummer_vier
            als_zweites als_drittes als_nächstes der_zweite die_zweite das_zweite der_dritte die_dritte das_dritte
            der_nächste die_nächste das_nächste noch_ein noch_eine schritt_zwei regel_zwei""",
        "asks": """warum wieso weshalb wie was wer wo wann wozu woher kennst_du hast_du weißt_du wissen_sie
            kennen_sie haben_sie""",
        "turns": """alle_glauben alle_denken jeder_glaubt jeder_denkt die_meisten stell_dir_vor
            stellen_sie_sich_vor aber jedoch trotzdem nie niemals niemand nichts geheimnis falsch fehler wahrheit
            schlimmste plötzlich unmöglich irrtum lüge vergiss stattdessen obwohl gegenteil mythos überraschend
            verrückt beste""",
        "counts": """zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig
            sechzig siebzig achtzig neunzig hundert hunderte tausend tausende million millionen milliarde
            milliarden hälfte doppelt zweimal dreimal prozent dutzend""",
        "hanging": """der den dem des ein eine einen einem einer und oder aber weil mit von für im am zum zur wenn
            dass wir""",
    },
    "fr": {
        "back": """il elle ils elles lui leur leurs ceci cela ça ce cet cette ces celui celle ceux celles parce_que
            parce_qu'il parce_qu'elle c'est_pourquoi c'est_pour_ça c'est_pour_cela donc car ainsi par_conséquent
            du_coup sinon en_revanche par_exemple lorsqu'il lorsqu'elle s'il s'ils puisqu'il son sa ses qu'il
            qu'elle""",
        "soft": """et mais ou puis ensuite alors aussi c'est c'était or cependant pourtant toutefois après
            d'ailleurs de_plus là""",
        "stands": """il_y_a il_y_avait il_faut il_fallait il_existe il_existait il_était_une_fois il_fait
            il_est_temps il_suffit il_pleut ce_qui ce_que ce_matin ce_soir cette_année cette_semaine cette_nuit
            cette_vidéo c'est_l'histoire c'est_un c'est_une celui_qui celle_qui ceux_qui celles_qui
            la_seconde_guerre la_deuxième_guerre la_prochaine_fois ce_jour-là""",
        "skipped": "euh ben bah bon alors voilà eh quand lorsque si comme pendant avant après et mais",
        "reply": "oui non exactement voilà tout_à_fait bien_sûr absolument si",
        "greets": """avez-vous_des_questions y_a-t-il_des_questions vous_m'entendez m'entendez-vous
            est-ce_que_vous_m'entendez bonjour bonsoir salut bienvenue merci abonnez-vous au_revoir à_bientôt""",
        "later": """deuxièmement troisièmement quatrièmement secondement enfin, numéro_deux numéro_trois
            le_deuxième la_deuxième le_troisième la_troisième le_second la_seconde le_suivant la_suivante un_autre
            une_autre le_prochain la_prochaine étape_deux""",
        "asks": """pourquoi comment qui où quand combien quel quelle quels quelles est-ce qu'est-ce savez-vous
            sais-tu avez-vous as-tu""",
        "turns": """tout_le_monde la_plupart imaginez imagine mais pourtant cependant jamais personne rien secret
            faux fausse erreur vérité pire impossible incroyable contraire mensonge soudain oubliez mythe meilleur
            meilleure""",
        "counts": """deux trois quatre cinq six sept huit neuf dix onze douze vingt trente quarante cinquante
            soixante cent cents mille million millions milliard milliards moitié double pour_cent douzaine""",
        "hanging": """le la les un une des du de à et ou mais que qui dans sur pour avec par mon ma mes je nous
            très au aux""",
    },
    "es": {
        "back": """él ella ellos ellas su sus este esta estos estas ese esa esos esas aquel aquella esto eso
            aquello porque por_eso por_lo_tanto por_tanto así_que de_lo_contrario por_ejemplo en_cambio ello""",
        "soft": """y e pero o u sino entonces luego después también además lo le les sin_embargo ahí allí aun_así
            tampoco""",
        "stands": """este_año esta_semana este_mes esta_mañana esta_noche este_vídeo este_video esto_es_un
            esto_es_una esta_es_la_historia lo_que la_segunda_guerra la_próxima_vez""",
        "skipped": "eh bueno pues mira oye cuando mientras si como aunque y pero",
        "reply": "sí no exacto exactamente claro correcto por_supuesto",
        "greets": """hay_preguntas alguna_pregunta me_oyen me_escuchan se_oye hola buenos_días buenas_tardes
            buenas_noches bienvenidos bienvenidas gracias muchas_gracias suscríbete suscríbanse adiós hasta_luego""",
        "later": """segundo, en_segundo_lugar tercero, en_tercer_lugar cuarto, número_dos número_tres el_segundo
            la_segunda el_tercero el_tercer la_tercera el_siguiente la_siguiente por_último finalmente, otro otra
            paso_dos""",
        "asks": "por_qué cómo qué quién quiénes cuándo dónde cuánto cuántos cuántas cuál sabes sabías sabían has_visto",
        "turns": """todo_el_mundo todos_creen la_mayoría imagina imaginen pero nunca jamás nadie nada secreto falso
            error verdad peor imposible increíble sin_embargo contrario mentira olvida mito aunque mejor""",
        "counts": """dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta cincuenta
            sesenta cien ciento cientos mil miles millón millones mitad doble por_ciento docena""",
        "hanging": """el la los las un una unos unas de del al y o pero porque que con para por en mi mis muy yo
            nosotros""",
    },
    "pt": {
        "back": """ele ela eles elas isso isto aquilo esse essa esses essas este esta estes estas aquele aquela
            dele dela deles delas porque por_isso portanto por_exemplo caso_contrário disso nisso""",
        "soft": "e mas ou então depois também além_disso aí ali seu sua seus suas daí porém só_que",
        "stands": """este_ano esta_semana este_mês este_vídeo esta_noite isto_é_um isto_é_uma essa_é_a_história
            esta_é_a_história a_segunda_guerra a_próxima_vez""",
        "skipped": "né bom olha tipo assim ah quando enquanto se como embora e mas",
        "reply": "sim não exato exatamente claro isso_mesmo com_certeza",
        "greets": """alguma_pergunta há_perguntas vocês_me_ouvem estão_me_ouvindo conseguem_me_ouvir olá oi bom_dia
            boa_tarde boa_noite bem-vindos bem-vindas sejam_bem-vindos obrigado obrigada inscreva-se tchau até_logo""",
        "later": """segundo, em_segundo_lugar terceiro, em_terceiro_lugar quarto, número_dois número_três o_segundo
            a_segunda o_terceiro a_terceira o_próximo a_próxima por_último finalmente, outro outra passo_dois""",
        "asks": "por_que por_quê como o_que quem quando onde quanto quantos quantas qual você_sabia você_sabe você_já",
        "turns": """todo_mundo todos_acham a_maioria imagine imaginem mas nunca jamais ninguém nada segredo falso
            errado erro verdade pior impossível incrível porém contrário mentira esqueça mito melhor""",
        "counts": """dois duas três quatro cinco seis sete oito nove dez onze doze vinte trinta quarenta cinquenta
            sessenta cem cento centenas mil milhares milhão milhões bilhão bilhões metade dobro por_cento dúzia""",
        "hanging": """o a os as um uma de do da dos das e ou mas porque que com para por em no na meu minha eu nós
            muito ao""",
    },
    "it": {
        "back": """lui lei loro egli ella esso essa essi questo questa questi queste quello quella quelli quelle
            ciò perché perciò quindi dunque per_questo per_esempio altrimenti suo sua suoi sue""",
        "soft": "e ed ma o oppure poi allora anche inoltre però lo li gli così tuttavia lì invece",
        "stands": """quest'anno questa_settimana questo_mese questa_mattina questa_sera questo_video quello_che
            quelli_che questa_è_una questo_è_un questa_è_la_storia la_seconda_guerra la_prossima_volta""",
        "skipped": "eh ehm beh allora insomma quando mentre se come dopo prima e ma",
        "reply": "sì no esatto esattamente certo giusto",
        "greets": """ci_sono_domande avete_domande mi_sentite si_sente ciao salve buongiorno buonasera benvenuti
            benvenute grazie iscrivetevi arrivederci a_presto""",
        "later": """secondo, in_secondo_luogo terzo, in_terzo_luogo quarto, numero_due numero_tre il_secondo
            la_seconda il_terzo la_terza il_prossimo la_prossima infine, un_altro un'altra passo_due""",
        "asks": "perché come cosa chi dove quando quanto quanti quante quale sapete sai hai_mai avete_mai",
        "turns": """tutti_pensano tutti_credono la_maggior_parte immaginate immagina ma però mai nessuno niente
            nulla segreto falso sbagliato errore verità peggiore peggio impossibile incredibile invece contrario
            bugia dimenticate mito migliore""",
        "counts": """due tre quattro cinque sette otto nove dieci undici dodici venti trenta quaranta cinquanta
            sessanta cento mille mila milione milioni miliardo miliardi metà doppio per_cento percento dozzina""",
        "hanging": """il lo la i gli le un una uno di del della dei da e o ma perché che con per in nel nella mio
            mia io noi""",
    },
    "ru": {
        "back": """он она они оно его её ее их ему ей им это этот эта эти этого этому такой такая такие тот та те
            потому_что поэтому так_что следовательно иначе например вместо_этого из-за_этого после_этого который
            которая которые""",
        "soft": "и а но или тогда потом затем также тоже однако зато так там ещё еще при_этом",
        "stands": "это_история эта_история это_мой это_моя это_я те_кто тот_кто вторая_мировая",
        "skipped": "ну вот э эм короче когда если пока хотя как и а но",
        "reply": "да нет конечно верно точно именно",
        "greets": """есть_вопросы вопросы_есть меня_слышно вы_меня_слышите здравствуйте привет добрый_день
            добрый_вечер доброе_утро спасибо подписывайтесь пока, до_свидания""",
        "later": """во-вторых в-третьих в-четвёртых в-четвертых наконец, второе, третье, второй, номер_два
            номер_три вторая_причина второе_правило третья_причина третье_правило следующий следующая следующее""",
        "asks": "почему зачем как что кто где когда сколько какой какая какие знаете знаешь разве",
        "turns": """все_думают все_считают большинство представьте но никогда никто ничего секрет ошибка правда
            худший худшее невозможно невероятно вдруг однако наоборот ложь забудьте миф лучший""",
        "counts": """два две три четыре пять шесть семь восемь девять десять двадцать тридцать сорок пятьдесят сто
            двести тысяча тысячи тысяч миллион миллиона миллионов миллиард миллиардов половина вдвое дважды процент
            процента процентов""",
        "hanging": "и или но в на с к у о от до из за по для не чтобы мой моя я мы очень",
    },
    "ja": {
        "back": """彼は 彼が 彼の 彼女 彼ら それは それが それを それで それに その そんな そこ これは これが
            これを この こうして だから なので ですから したがって なぜなら というのも ゆえに 例えば たとえば
            つまり""",
        "soft": "そして でも しかし また あと それから けど だけど ところが さらに",
        "stands": """この動画 この番組 この間 この前 この夏 この冬 これから これは私の これはある そのうち それでは
            それじゃ""",
        "skipped": "えーと えっと えー あのー あの、 まあ さて はい、",
        "reply": "はい、 はい。 いいえ ええ、 そうです うん、 その通り",
        "greets": """質問は 聞こえますか こんにちは こんばんは おはようございます ようこそ ありがとうございます
            ありがとうございました チャンネル登録 さようなら""",
        "later": "二つ目 2つ目 三つ目 3つ目 第二に 第三に 二番目 2番目 三番目 3番目 次に 最後に もう一つ",
        "asks": "なぜ どうして どうやって 何が みなさん、",
        "turns": """誰もが みんなが 想像して しかし でも 実は 絶対 誰も 決して 秘密 間違い 失敗 嘘 最悪 最高 不可能
            ところが 逆に まさか""",
        "counts": "",
        "hanging": "は が を に の と",
    },
    "zh": {
        "back": "他 她 它 这 那 這 因为 因為 所以 因此 于是 於是 否则 否則 比如 例如 其中 此",
        "soft": "但 但是 可是 不过 不過 而且 然后 然後 接着 接著 还有 還有 并且 也",
        "stands": "这一年 今年 这个视频 這個影片 这期 这是一个 這是一個 这是我 這是我 那一年 那年 那天 此刻 他人",
        "skipped": "嗯， 呃， 好， 当 當 如果 虽然 雖然",
        "reply": "是的 对， 對， 对。 對。 不是， 没错 沒錯 当然， 當然，",
        "greets": """有问题吗 有問題嗎 听得见吗 聽得見嗎 大家好 你好 大家晚上好 大家早上好 早上好 晚上好 欢迎 歡迎
            谢谢 謝謝 订阅 訂閱 再见 再見""",
        "later": """第二， 第三， 第四， 第二个 第三个 第二個 第三個 第二点 第三点 其次 最后， 最後， 另一个 另一個
            下一个 下一個""",
        "asks": "为什么 為什麼 怎么 怎麼 什么 什麼 谁 誰 哪 你知道 你有没有 多少 如何",
        "turns": """大家都 所有人 想象 想像 但是 但 可是 其实 其實 从来 從來 没有人 沒有人 没人 秘密 错误 錯誤 真相
            最糟 不可能 竟然 居然 相反 谎言 謊言 失败 失敗 最好""",
        "counts": "",
        "hanging": "的 和 在 是 把 被 从 從 对 對 与 與 跟",
    },
}  # fmt: skip
"""By language and use. `back` points at what was said before, `soft` may; `stands`: looks so and does not; `skipped`
is looked through; `reply` answers, with a mark behind it; `greets` is said to the audience; `later` is an item of a
list that is not its first (a comma: only with a mark behind it); `asks` opens a question where the transcript has no
question marks; `turns` contrasts, surprises, or tells what all believe; `counts` is a number; `hanging` ends no
sentence. Japanese and Chinese: how a sentence begins."""
