package demo

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/dealwright/dealwright/definitions"
	"github.com/dealwright/dealwright/simulate"
)

// Who writes to the company, and what about. Names and words are invented.
var (
	women    = []string{"Алина", "Вера", "Дарья", "Елена", "Инна", "Ксения", "Людмила", "Наталья", "Ольга", "Светлана", "Татьяна", "Юлия"}
	men      = []string{"Андрей", "Борис", "Виктор", "Григорий", "Денис", "Егор", "Илья", "Кирилл", "Максим", "Никита", "Роман", "Тимур"}
	families = []string{
		"Громов", "Ларин", "Кузьмин", "Старцев", "Берёзкин", "Рябов", "Чайкин", "Осипов", "Вершинин", "Юдин", "Мальцев", "Зорин",
		"Кораблёв", "Тихомиров", "Санин", "Лапин", "Ярцев", "Фадеев", "Панкратов", "Дроздов",
	}
	enquiries = []struct{ subject, text, items, kitchen string }{
		{"Встраиваемый духовой шкаф", "Здравствуйте! Нужен духовой шкаф в колонну, 60 см. Что посоветуете?", "Духовой шкаф в колонну", "Колонна 60 см, розетка сзади"},
		{"Техника для новой кухни", "Добрый день! Заказали кухню, нужна вся техника: варочная панель, духовка, посудомойка, вытяжка.", "Полный комплект встраиваемой техники", "3,2 × 2,4 м, электричество 7 кВт"},
		{"Посудомоечная машина 45 см", "Подскажите, какие узкие посудомойки есть в наличии и сколько стоит установка?", "Узкая посудомоечная машина", "Ниша 45 см, вода под мойкой"},
		{"Индукционная панель вместо газовой", "Меняем газовую плиту на индукцию. Нужен совет по подключению и цена.", "Индукционная панель 60 см", "Отдельная линия 7,2 кВт"},
		{"Вытяжка над островом", "Делаем остров, нужна тихая островная вытяжка. Какие есть варианты?", "Островная вытяжка", "Остров 1,2 × 2 м, воздуховод 150 мм"},
		{"Холодильник под панель", "Ищу встраиваемый холодильник высотой 194 см, можно без морозилки.", "Встраиваемый холодильник", "Ниша 194 см"},
		{"Доставка и установка", "Везёте ли вы технику за город, 40 км от МКАД? Нужны духовка и панель.", "Духовка и варочная панель", "Загородный дом, баллонный газ"},
		{"Комплект для студии", "Маленькая студия: панель на две конфорки, компактная духовка, холодильник.", "Компактный комплект", "Студия, линия кухни 1,8 м"},
		{"Кофемашина в шкаф", "Интересует встраиваемая кофемашина, бюджет до 180 000 рублей.", "Встраиваемая кофемашина", "Ниша 45 см, вода не нужна"},
		{"Замена техники в офисной кухне", "Нужны посудомойка и холодильник в офис, оплата по счёту. Пришлите предложение.", "Посудомойка и холодильник для офиса", "Офисная кухня, ниши 60 см"},
	}
	sources = []string{"Сайт", "Сайт", "Сайт", "Рекомендация", "Рекомендация", "Телефон", "Салон"}
	answers = []string{
		"Спасибо за быстрый ответ! Удобно созвониться после 16:00.",
		"Да, интересно. Пришлите, пожалуйста, цены.",
		"Добрый день! Размеры уточню у дизайнера и напишу завтра.",
		"Хорошо, подъеду посмотреть в субботу.",
	}
	lessons = []string{
		"Решила живая демонстрация: покупатель увидел панель в работе.", "Долго согласовывали размеры, анкету надо слать сразу.",
		"Рассрочка сняла вопрос цены.", "Скидка на аксессуары оказалась важнее скидки на технику.",
	}
)

// luck is a number below n that always comes out the same for the same words.
func luck(n int, words ...string) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(words, "\n"))) // a hash takes everything
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd // the finalizer of MurmurHash3: FNV alone spreads the low bits badly
	x ^= x >> 33
	return int(x % uint64(n))
}

// stranger is the n-th of the clients that the demonstration makes up.
func stranger(n int) simulate.Lead {
	id := fmt.Sprint(n)
	names, ending := women, "а"
	if luck(2, "who", id) == 0 {
		names, ending = men, ""
	}
	e := enquiries[luck(len(enquiries), "what", id)]
	return simulate.Lead{
		Contact: definitions.Contact{
			Name:  names[luck(len(names), "name", id)] + " " + families[luck(len(families), "family", id)] + ending,
			Email: fmt.Sprintf("client%d@client.test", n),
			Phone: fmt.Sprintf("+7916555%04d", luck(10000, "phone", id)),
		},
		Subject: e.subject, Text: e.text, Source: sources[luck(len(sources), "source", id)],
	}
}

// filled is what somebody writes into a field of words after talking to the
// n-th stranger.
func filled(n int, field string) string {
	id := fmt.Sprint(n)
	e := enquiries[luck(len(enquiries), "what", id)]
	switch field {
	case "items":
		return e.items
	case "kitchen":
		return e.kitchen
	}
	return lessons[luck(len(lessons), "lesson", id)]
}

// answer is what the n-th stranger writes back.
func answer(n int) string { return answers[luck(len(answers), "answer", fmt.Sprint(n))] }
