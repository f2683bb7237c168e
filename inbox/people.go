package inbox

import (
	"slices"
	"strings"
)

// publicDomains are the hosts where strangers have addresses side by side: sharing one says nothing of two senders.
var publicDomains = func() map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(`
gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.fr hotmail.de live.com live.ru live.co.uk msn.com outlook.de outlook.fr
yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.co.jp yahoo.com.br ymail.com rocketmail.com aol.com icloud.com me.com mac.com proton.me protonmail.com pm.me
tutanota.com tuta.io gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de mail.com zoho.com fastmail.com hey.com yandex.com
mail.ru inbox.ru list.ru bk.ru internet.ru xmail.ru yandex.ru ya.ru yandex.by yandex.kz yandex.ua yandex.uz narod.ru rambler.ru lenta.ru ro.ru autorambler.ru
myrambler.ru rambler.ua vk.com hotbox.ru pochta.ru qip.ru nm.ru newmail.ru km.ru e1.ru ngs.ru sibmail.com mail.ua ukr.net i.ua meta.ua bigmir.net tut.by mail.kz
orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it wp.pl o2.pl onet.pl interia.pl op.pl seznam.cz centrum.cz abv.bg
qq.com 163.com 126.com sina.com foxmail.com naver.com daum.net hanmail.net comcast.net verizon.net att.net sbcglobal.net btinternet.com sky.com uol.com.br bol.com.br terra.com.br
telenet.be skynet.be ziggo.nl kpnmail.nl bluewin.ch telia.com online.no inbox.lv inbox.lt mail.ee delfi.lv rediffmail.com mailinator.com`) {
		set[name] = true
	}
	return set
}()

// PublicDomain tells whether anyone can have an address at the host.
func PublicDomain(host string) bool { return publicDomains[strings.ToLower(host)] }

// people answers who is one of us.
type people struct {
	own     map[string]bool
	staff   map[string]bool
	domains map[string]bool // our own, without the public ones
}

func newPeople(cfg Config) people {
	p := people{own: map[string]bool{}, staff: map[string]bool{}, domains: map[string]bool{}}
	for _, address := range cfg.Own {
		email := firstAddress(parseAddresses(address)).Email
		if email == "" {
			continue
		}
		p.own[email] = true
		if host := domainOf(email); !PublicDomain(host) {
			p.domains[host] = true
		}
	}
	for _, address := range cfg.Staff {
		if email := firstAddress(parseAddresses(address)).Email; email != "" {
			p.staff[email] = true
		}
	}
	return p
}

// isOwn tells the company's own mailboxes, tagged with a token or not.
func (p people) isOwn(email string) bool {
	if email == "" {
		return false
	}
	local, host, _ := strings.Cut(email, "@")
	local, _, _ = strings.Cut(local, "+")
	return p.own[email] || p.own[local+"@"+host]
}

// isColleague tells the people of the company, its mailboxes not included.
func (p people) isColleague(email string) bool {
	return email != "" && !p.isOwn(email) && (p.staff[email] || p.domains[domainOf(email)])
}

// outsiders returns the addresses of To and Cc that are neither ours nor a colleague's.
func (p people) outsiders(m *Message) []string {
	var list []string
	for _, a := range slices.Concat(m.To, m.Cc) {
		if a.Email != "" && !p.isOwn(a.Email) && !p.isColleague(a.Email) {
			list = append(list, a.Email)
		}
	}
	return list
}

// tookPart tells whether the sender belongs to the deal's thread: by address, or by a domain that is not public and not ours.
func (p people) tookPart(m *Message, deal Deal) bool {
	for _, email := range []string{m.From.Email, m.ReplyTo.Email} {
		if email == "" || p.isOwn(email) {
			continue
		}
		host := domainOf(email)
		for _, participant := range deal.Participants {
			participant = strings.ToLower(participant)
			if participant == email || p.sameCompany(domainOf(participant), host) {
				return true
			}
		}
	}
	return false
}

// sameCompany tells whether two hosts are one company's: the same, or one below the other, and nobody's public ones or ours.
func (p people) sameCompany(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return strings.Contains(a, ".") && (a == b || strings.HasSuffix(b, "."+a)) && !PublicDomain(a) && !p.domains[a]
}
