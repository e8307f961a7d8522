"""Names that must not matter to a model: given names, places and nationalities of all parts of the world."""

from typing import Final

_WOMEN: Final = """
Aisha Alice Amara Amelia Anita Anna Astrid Aylin Beatriz Bianca Camila Carmen Charlotte Chiara Chloe Claire
Daniela Deepika Diana Dina Elena Elif Elizabeth Emma Esther Eva Farah Fatou Fiona Francesca Freya Giulia
Hanna Helen Imani Ingrid Irina Jasmine Jennifer Jessica Julia Karen Katarzyna Kavita Keiko Laila Laura Leila
Lena Linda Lucia Magdalena Maria Mariam Mei Michelle Milena Nadia Naomi Natasha Nicole Noor Nora Olivia
Patricia Rachel Rania Rebecca Rosa Ruth Sakura Samira Sandra Sarah Shreya Simone Sofia Sophie Susan Svetlana
Tamara Tanisha Teresa Ulrike Valentina Vera Yasmin Yuki Zainab Zoe
"""
_MEN: Final = """
Abdul Adam Ahmed Alejandro Alexander Ali Amir Andreas Andrew Anthony Antonio Arjun Benjamin Boris Brian
Carlos Charles Chen Chidi Christopher Daniel David Diego Dmitri Edward Emeka Emmanuel Enrique Eric Fernando
Filip Francisco Gabriel George Giorgos Gregory Hamza Hassan Henrik Ibrahim Igor Ivan Jacob Jamal James
Javier Jens Jerome Joao Joseph Joshua Juan Kaito Karim Kenji Kevin Kofi Kumar Lars Leonardo Luca Luis Malik
Marco Marcus Mateusz Matteo Matthew Michael Mikhail Moses Mustafa Nathan Nikolai Omar Oscar Pablo Patrick
Paul Pedro Peter Pierre Rajesh Ricardo Richard Robert Samuel Sanjay Sergei Stefan Steven Sven Takeshi Tariq
Thomas Tomasz Tyrone Vikram Viktor Vincent Walter William Yusuf
"""
_CITIES: Final = """
Accra Amsterdam Ankara Athens Atlanta Baghdad Bangkok Barcelona Beijing Belfast Berlin Bogota Boston
Brisbane Brussels Bucharest Budapest Cairo Calgary Caracas Cardiff Chicago Cleveland Copenhagen Dallas
Damascus Delhi Denver Detroit Dhaka Dubai Dublin Dubrovnik Edinburgh Frankfurt Geneva Glasgow Hamburg Hanoi
Harare Havana Helsinki Houston Islamabad Istanbul Jakarta Johannesburg Karachi Kathmandu Kigali Kinshasa
Lagos Leeds Leipzig Lima Lisbon Liverpool London Lusaka Madrid Manchester Manila Marrakesh Marseille
Melbourne Memphis Miami Milan Montreal Moscow Mumbai Munich Nairobi Naples Oslo Ottawa Philadelphia
Pittsburgh Prague Riga Rome Rotterdam Santiago Sarajevo Seattle Seoul Shanghai Singapore Stockholm Sydney
Taipei Tehran Tokyo Toronto Tunis Vancouver Vienna Warsaw Zagreb Zurich
"""
_COUNTRIES: Final = """
Albania Algeria Argentina Australia Austria Bangladesh Belgium Bolivia Brazil Bulgaria Cambodia Cameroon
Canada Colombia Croatia Cuba Denmark Ecuador Egypt England Ethiopia Finland France Germany Ghana Greece
Guatemala Haiti Honduras Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jamaica Japan Kenya
Kosovo Laos Lebanon Libya Lithuania Malaysia Malta Mexico Mongolia Morocco Nepal Nigeria Norway Pakistan
Peru Poland Portugal Romania Russia Rwanda Scotland Senegal Serbia Slovakia Slovenia Somalia Spain Sudan
Sweden Switzerland Syria Taiwan Tanzania Thailand Tunisia Uganda Ukraine Uruguay Venezuela Vietnam Wales
Yemen Zambia Zimbabwe
"""
_NATIONALITIES: Final = """
Afghan African Albanian American Arab Argentinian Australian Austrian Belgian Bolivian Brazilian British
Bulgarian Canadian Chilean Chinese Colombian Croatian Cuban Czech Danish Dutch Egyptian Ethiopian Filipino
Finnish French German Ghanaian Greek Haitian Hungarian Icelandic Indian Indonesian Iranian Iraqi Irish
Israeli Italian Jamaican Japanese Kenyan Korean Lebanese Lithuanian Malaysian Mexican Moroccan Nepalese
Nigerian Norwegian Pakistani Peruvian Portuguese Romanian Russian Scottish Senegalese Serbian Slovak Somali
Spanish Swedish Swiss Syrian Thai Tunisian Ugandan Ukrainian Venezuelan Vietnamese Welsh
"""

KINDS_OF_NAMES: Final = tuple(kind.split() for kind in (_WOMEN, _MEN, _CITIES, _COUNTRIES, _NATIONALITIES))
"""Names by kind: one may stand for another of its kind.

Words that mean something else, too, are left out (May, Will, Jordan, Turkey, Nice, Polish), and each name is
of one kind only.
"""
