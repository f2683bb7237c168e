//go:build system

package browser_test

import "fmt"

// kitchenClients are those whom the shop is talking to, the oldest first.
var kitchenClients = []client{
	{
		name: "Студия «Линия»", email: "zakaz@studia-liniya.test", phone: "+7 495 555-01-40", subject: "Техника для шести квартир в ЖК «Северный парк»",
		text:  "Добрый день! Комплектуем шесть кухонь в одном доме, нужна встраиваемая техника одной серии.\nСмета во вложении. Сдача объекта — до конца декабря.",
		wrote: "2026-10-26 10:40", each: 3, until: "closing", facts: facts{"items": "Шесть комплектов встраиваемой техники", "budget": 2500000, "appliances": 2310000, "accessories": 90000},
	},
	{
		name: "Наталья Осипова", email: "n.osipova@client.test", phone: "+7 903 555-01-41", subject: "Кухня угловая, белый глянец",
		text:  "Здравствуйте. Заказали угловую кухню, осталось выбрать технику: духовку, панель и посудомойку 60 см.",
		wrote: "2026-10-30 11:15", each: 3, until: "objections", then: []string{"reply: Спасибо за подборку! Духовка нравится, но вытяжка выходит дороговато. Подумаем на выходных."},
		facts: facts{"items": "Духовой шкаф, панель, посудомоечная машина", "appliances": 412000, "accessories": 18000, "objection": "дорого"},
	},
	{
		name: "Елена Юрьевна Тихомирова-Заславская", email: "e.tihomirova@client.test", phone: "+7 916 555-01-42", subject: "Остров и пенал, 5 метров",
		text:  "Добрый день, нужен полный комплект техники для кухни с островом.",
		wrote: "2026-11-03 12:05", each: 2, until: "closing", facts: facts{"items": "Полный комплект для кухни с островом", "appliances": 596000, "accessories": 44000},
	},
	{
		name: "Мария Ковальчук", email: "m.kovalchuk@client.test", phone: "+7 921 555-01-43", subject: "Замена техники в загородном доме",
		text:  "Здравствуйте! Меняем всю технику в доме: газовая панель на пять конфорок, две духовки, винный шкаф.",
		wrote: "2026-11-05 15:20", each: 3, until: "objections", facts: facts{"items": "Газовая панель, две духовки, винный шкаф", "appliances": 1240000, "accessories": 40000},
	},
	{
		name: "Вера Ларина", email: "vera.larina@client.test", phone: "+7 905 555-01-44", subject: "Духовой шкаф и панель: что посоветуете?",
		text:  "Добрый день. Хотим посмотреть духовой шкаф с паром вживую, когда можно подъехать?",
		wrote: "2026-11-10 10:25", each: 2, until: "presentation", facts: facts{"items": "Духовой шкаф с паром, индукционная панель", "appliances": 310000},
	},
	{
		name: "Ирина Чернова", email: "i.chernova@client.test", phone: "+7 985 555-01-45", subject: "Посудомоечная машина 45 см",
		text:  "Нужна узкая посудомойка, тихая. Кухня маленькая.",
		wrote: "2026-11-06 16:30", each: 2, until: "presentation", facts: facts{"items": "Посудомоечная машина 45 см", "appliances": 78000},
	},
	{
		name: "ООО «Пекарня на Садовой»", email: "info@pekarnya-sadovaya.test", phone: "+7 812 555-01-46", subject: "Две печи и расстоечный шкаф",
		text:  "Открываем вторую пекарню, просим рассчитать комплект с доставкой.",
		wrote: "2026-11-11 13:50", each: 2, until: "presentation", then: []string{"pause: Ждут решения по помещению"},
		facts: facts{"items": "Две печи, расстоечный шкаф", "appliances": 640000},
	},
	{
		name: "Григорий Лапин", email: "g.lapin@client.test", phone: "+7 926 555-01-47", subject: "Техника для студии под сдачу",
		text:  "Нужны недорогие варочная панель, вытяжка и холодильник, всё до 200 тысяч.",
		wrote: "2026-11-16 10:10", each: 1, until: "qualification", facts: facts{"items": "Панель, вытяжка, холодильник", "budget": 200000, "appliances": 190000},
	},
	{
		name: "Тимур Гарипов", email: "timur.garipov@client.test", phone: "+7 917 555-01-48", subject: "Вопрос по доставке в Казань",
		text:  "Возите ли в Казань? Интересует встраиваемый холодильник.",
		wrote: "2026-11-09 17:40", each: 2, until: "qualification", facts: facts{"items": "Встраиваемый холодильник", "budget": 320000, "appliances": 320000},
	},
	{
		name: "Алексей Воронцов", email: "a.vorontsov@client.test", phone: "+7 910 555-01-49", subject: "Комплект Bosch для новой кухни",
		text:  "Здравствуйте. Есть список моделей Bosch, посчитайте, пожалуйста, с установкой.",
		wrote: "2026-11-12 12:30", each: 2, until: "lead", facts: facts{"budget": 450000, "appliances": 450000},
	},
	{
		name: "Светлана Мороз", email: "s.moroz@client.test", subject: "Сколько стоит индукционная панель?",
		text:  "Добрый день! Сколько стоит индукционная панель на четыре конфорки с установкой?",
		wrote: "2026-11-17 18:20", each: 1, until: "lead", then: []string{}, facts: facts{"budget": 60000},
	},
	{
		name: "Дмитрий Панин", email: "d.panin@no-such-domain.test", phone: "+7 999 555-01-50", subject: "Вытяжка в вентшахту",
		text:  "Подскажите вытяжку для подключения в шахту, диаметр 125.",
		wrote: "2026-11-17 16:05", each: 1, until: "lead", facts: facts{"budget": 35000},
	},
	{
		name: "Константин Рубцов", email: "k.rubtsov@client.test", phone: "+7 915 555-01-51", subject: "Холодильник side-by-side",
		text:  "Здравствуйте! Ищу холодильник side-by-side глубиной не больше 60 см.",
		wrote: "2026-11-18 11:35", each: 1, until: "lead", facts: facts{"budget": 240000, "appliances": 240000},
	},
	{
		name: "Мария Белова", email: "maria@client.test", phone: "+7 916 555-01-23", subject: "Встраиваемая техника для новой кухни",
		text:  "Здравствуйте! Делаем кухню, нужны духовой шкаф и варочная панель.\nБюджет около 150 000 рублей.",
		wrote: "2026-11-18 11:52", each: 1, until: "lead", facts: facts{"budget": 150000, "appliances": 150000},
	},
}

// airClients are those whom the contractor is talking to.
var airClients = []client{
	{
		name: "Harriet Osborne", email: "harriet@osborne-printing.test", phone: "+44 20 7946 0101", subject: "Ventilation for a print hall",
		text:  "Good morning,\n\nOur print hall gets too warm and the ink does not dry evenly. Could you look at it?\nAbout 1,200 square metres.",
		wrote: "2026-10-12 09:20", each: 3, until: "contract", facts: facts{"organization": "Osborne Printing", "need": "Ventilation for a print hall", "area": 1200, "equipment": 128000, "installation": 41000},
	},
	{
		name: "Dr Samuel Okafor", email: "s.okafor@northgate-dental.test", phone: "+44 161 496 0102", subject: "Air handling for a dental clinic",
		text:  "We are opening a second clinic with six surgeries and need air handling that meets the new guidance.",
		wrote: "2026-10-26 11:40", each: 2, until: "presentation", facts: facts{"organization": "Northgate Dental", "need": "Air handling for six surgeries", "equipment": 47500, "installation": 16800},
	},
	{
		name: "Lucy Hargreaves", email: "lucy@thebakehouse.test", phone: "+44 113 496 0103", subject: "Extraction for a bakery",
		text:  "Our extraction is thirty years old. Can you quote for a replacement before Christmas?",
		wrote: "2026-11-02 14:10", each: 2, until: "preparation", facts: facts{"organization": "The Bakehouse", "need": "Extraction above four ovens", "equipment": 21400, "installation": 8600},
	},
	{
		name: "Imran Sheikh", email: "imran@sheikh-motors.test", phone: "+44 121 496 0104", subject: "Workshop fumes",
		text:  "Need exhaust extraction for eight bays.",
		wrote: "2026-11-05 10:05", each: 2, until: "first-contact", facts: facts{"organization": "Sheikh Motors", "need": "Exhaust extraction for eight bays", "budget": 52000, "equipment": 39000},
	},
	{
		name: "Fiona MacAllister", email: "fiona@glenmore-school.test", phone: "+44 131 496 0105", subject: "Classrooms: CO₂ too high by noon",
		text:  "Our sensors show over 2,000 ppm by noon in ten classrooms.",
		wrote: "2026-11-12 09:45", each: 1, until: "first-contact", facts: facts{"organization": "Glenmore School", "need": "Fresh air for ten classrooms", "budget": 88000, "equipment": 72000},
	},
	{
		name: "Oliver Bennett", email: "oliver@bennett-architects.test", phone: "+44 117 496 0106", subject: "Office refurbishment in Bristol",
		text:  "We refurbish an office of 640 m² and would like a proposal for ventilation with heat recovery.",
		wrote: "2026-11-16 10:30", each: 1, until: "qualification", facts: facts{"organization": "Bennett Architects", "need": "Ventilation with heat recovery", "equipment": 52700},
	},
	{
		name: "Grace Whitfield", email: "grace@whitfield-hotels.test", subject: "A quiet system for a small hotel",
		text:  "Twenty-two rooms, and guests complain about noise.",
		wrote: "2026-11-17 15:55", each: 1, until: "search", facts: facts{"organization": "Whitfield Hotels"},
	},
}

// names of those whose business with a company is over.
var (
	kitchenNames = []string{
		"Роман Белов", "Анна Ковалёва", "Пётр Молчанов", "Ольга Дорохова", "Артём Селезнёв", "Жанна Ершова", "Игорь Самойлов", "Юлия Кравец",
		"Никита Фомин", "Людмила Зорина", "Евгений Быстров", "Кира Мельник", "ООО «Северный берег»", "Валерий Шубин", "Дарья Левченко", "Сергей Щукин",
		"Тамара Ильина", "Глеб Авдеев", "Марина Попова", "Фёдор Лукин", "Алла Горина", "Денис Яшин", "Вероника Сухих", "Павел Цветков",
		"Зоя Крылова", "Матвей Осин", "Раиса Дёмина", "Виктор Шилов", "Лилия Гущина", "Степан Рябов", "Эмма Краус", "Яков Плотников",
	}
	airNames = []string{
		"Alice Turner", "Ben Ashworth", "Chloe Dawson", "David Pryce", "Ewan Murray", "Freya Lloyd", "George Hobbs", "Hannah Clarke",
		"Isaac Reid", "Joanna Pike", "Kieran Walsh", "Laura Finch",
	}
	kitchenWishes = []string{"Духовой шкаф", "Посудомоечная машина 60 см", "Комплект техники", "Вытяжка и панель", "Холодильник", "Техника для дачи"}
	airWishes     = []string{"Ventilation for an office", "A workshop of 400 m²", "Heat recovery for a nursery", "A restaurant kitchen"}
)

// bygone are clients of earlier weeks: some bought, some went elsewhere, some
// fell silent.
func bygone(names, wishes []string, goods, money string, prices []int, reasons []string) []client {
	var all []client
	for i, name := range names {
		c := client{
			name: name, email: fmt.Sprintf("client%d@client.test", i+1), phone: fmt.Sprintf("+44 20 7946 0%03d", 200+i),
			subject: wishes[i%len(wishes)], text: wishes[i%len(wishes)] + ".",
			wrote: fmt.Sprintf("2026-%02d-%02d %02d:%02d", 9+i%2, 1+i*5%26, 10+i%4, i*13%60), each: 1 + i%3,
			facts: facts{money: prices[i%len(prices)] * (7 + i%5) / 10, goods: wishes[i%len(wishes)]},
		}
		if outcome := i % 4; outcome > 1 {
			c.until = []string{"presentation", "qualification"}[outcome-2]
			if i%3 > 0 {
				c.then = []string{"lost: " + reasons[i%len(reasons)]} // else: no answer
			}
		}
		all = append(all, c)
	}
	return all
}
