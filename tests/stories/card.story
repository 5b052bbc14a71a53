# Revolving cards. Statements on the 5th, payment 20 days later; at 18.25 % over 365 days a day costs 0.05 %.
# For a card "due" is the minimum payment of the statements issued, and "not due" the principal beyond it.

== Paid in full by the payment day: no interest
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-02-04  expect  C1  due 0.00  not-due 1,000.00  next-due 2026-02-25
2026-02-05  expect  C1  due 100.00  not-due 900.00  next 100.00  next-due 2026-02-25  dpd 0
2026-02-25  pay     C1  1,000.00
2026-03-05  expect  C1  due 0.00  not-due 0.00  interest 0.00  accrued 0.00

== Paid in part: all purchases bear from their own days (全额计息)
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  card-interest full
2026-01-10  buy     C1  1,000.00
2026-02-20  pay     C1  400.00
2026-02-25  expect  C1  interest 0.00  accrued 0.00
# 400.00 for 41 days, 400.00 x 0.05% x 41 = 8.20; 600.00 for 54 days to 5 March, 600.00 x 0.05% x 54 = 16.20
# on 26 February: 8.20 + 600.00 x 0.05% x 47 = 22.30
2026-02-26  expect  C1  dpd 0  accrued 22.30
# minimum: 600.00 x 10% + 24.40 = 84.40
2026-03-05  expect  C1  interest 24.40  due 84.40  not-due 540.00

== Paid in part: the unpaid part bears
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  card-interest unpaid_part
2026-01-10  buy     C1  1,000.00
2026-02-20  pay     C1  400.00
# minimum: 600.00 x 10% + 16.20 = 76.20
2026-03-05  expect  C1  interest 16.20  due 76.20

== The minimum is met: no day past due, though it revolves
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-02-25  pay     C1  100.00
2026-03-04  expect  C1  dpd 0  due 0.00  not-due 900.00

== The minimum is not met: days count from the payment day
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-02-20  pay     C1  99.99
2026-02-25  expect  C1  dpd 0  due 0.01
2026-02-26  expect  C1  dpd 1  stage M1  overdue 0.01  oldest 2026-02-25
2026-02-27  pay     C1  0.01
2026-02-27  expect  C1  dpd 0  due 0.00

== A late fee on the unpaid part of the minimum, once, and the next statement's minimum
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  card-late-fee 5%
2026-01-10  buy     C1  1,000.00
2026-02-25  expect  C1  fee 0.00
# 100.00 x 5% = 5.00
2026-02-26  expect  C1  fee 5.00  dpd 1
# interest 1,000.00 x 0.05% x 54 = 27.00; minimum added: (1,000.00 - 100.00) x 10% + 27.00 + 5.00 = 122.00
2026-03-05  expect  C1  due 222.00  interest 27.00  fee 5.00  overdue 100.00  dpd 8  next 122.00  next-due 2026-03-25
# on 26 March 5% of the 122.00 not met: 6.10
2026-03-26  expect  C1  fee 11.10  dpd 29  overdue 222.00

== A floor of the minimum payment
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  card-floor 50.00
2026-01-10  buy     C1  300.00
2026-02-05  expect  C1  due 50.00

== The floor does not ask for more than is owed
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  card-floor 50.00
2026-01-10  buy     C1  30.00
2026-02-05  expect  C1  due 30.00  not-due 0.00

== A purchase on the statement day belongs to that statement
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-02-05  buy     C1  1,000.00
2026-02-05  expect  C1  due 100.00  next-due 2026-02-25

== A purchase after the statement belongs to the next, with its own free period
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-02-10  buy     C1  500.00
2026-02-20  pay     C1  400.00
# only the first statement's purchases bear: 24.40; minimum (600.00 + 500.00) x 10% + 24.40 = 134.40
2026-03-05  expect  C1  interest 24.40  due 134.40
2026-03-25  pay     C1  1,124.40
# paid in full by then: the second statement's purchase bears nothing; the first's 600.00 bore 20 days to 25 March
# 600.00 x 0.05% x 20 = 6.00
2026-04-05  expect  C1  interest 6.00  due 6.00

== Money beyond what is billed pays purchases not billed yet, then is held
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20
2026-01-10  buy     C1  100.00
2026-01-15  pay     C1  130.00
2026-01-15  expect  C1  not-due 0.00  credit 30.00
2026-01-20  buy     C1  50.00
2026-01-20  expect  C1  not-due 20.00  credit 0.00

== From 91 days past due, principal first
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  walk by_category
            late-order-from-dpd 91
2026-01-10  buy     C1  1,000.00
# interest posted by 5 May for 115 days: 27.00 + 15.50 + 15.00 by statement: 1,000.00 x 0.05% x 115 = 57.50
2026-05-26  expect  C1  dpd 90  interest 57.50
2026-05-26  pay     C1  10.00
2026-05-26  expect  C1  interest 47.50
2026-05-27  pay     C1  10.00
2026-05-27  expect  C1  dpd 91  interest 47.50  settle 1,048.50

== A payment learnt late: the card as if it had been known
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-02-25  pay     C1  1,000.00  known 2026-03-10
2026-03-09  expect  C1  dpd 12  interest 27.00
2026-03-10  expect  C1  dpd 0  interest 0.00  due 0.00

== A payment reversed: as if it had never been made
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-02-25  pay     C1  1,000.00  ref P1
2026-03-05  expect  C1  interest 0.00  dpd 0
2026-03-06  reverse C1  P1
2026-03-06  expect  C1  interest 27.00  dpd 9

== Fees and costs are billed with the next statement
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-01-12  fee     C1  20.00
2026-01-12  expect  C1  fee 20.00
# minimum 1,000.00 x 10% + 20.00 = 120.00
2026-02-05  expect  C1  due 120.00  next 120.00

== A rate change holds from its day on
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-02-10  rate    C1  36.5%
# 31 days at 0.05%, 23 at 0.1%: 1,000.00 x (0.05% x 31 + 0.1% x 23) = 38.50
2026-03-05  expect  C1  interest 38.50

== A pause of interest and of the day counter
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  card-late-fee 5%
2026-01-10  buy     C1  1,000.00
2026-02-20  pause   C1  interest penalty dpd  until 2026-03-02
# no late fee in the pause; 54 days less 10: 1,000.00 x 0.05% x 44 = 22.00; the counter begins at the pause's end
2026-03-05  expect  C1  fee 0.00  interest 22.00  dpd 3

== Called due: all that is billed and not billed
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-02-10  buy     C1  500.00
2026-03-01  accelerate  C1
# interest of the first statement's purchases to 1 March: 1,000.00 x 0.05% x 50 = 25.00
2026-03-01  expect  C1  due 1,525.00  not-due 0.00

== Waived interest
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-03-06  waive   C1  interest all
2026-03-06  expect  C1  interest 0.00

== A card taken over with an unmet minimum
2026-01-05  card     C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-03-10  opening  C1  not-due 2,700.00  due 300.00  interest 40.00  since 2026-02-25
2026-03-10  expect   C1  dpd 13  due 340.00  not-due 2,700.00  interest 40.00
# 3,000.00 x 0.05% x 26 = 39.00 to 5 April; minimum added: (3,000.00 - 340.00) x 10% + 39.00 = 305.00
2026-04-05  expect   C1  interest 79.00  due 645.00

== Statement by statement: the oldest statement's purchases before interest that a later one billed
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  walk by_instalment
2026-01-10  buy     C1  1,000.00
2026-03-06  pay     C1  10.00
2026-03-06  expect  C1  interest 27.00  due 207.00

== A card written off, recovered, sold
2026-01-05  card       C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  walk by_category
2026-01-10  buy        C1  1,000.00
2026-03-10  write-off  C1
2026-03-10  expect     C1  status written_off
2026-03-11  recover    C1  27.00
2026-03-11  expect     C1  interest 0.00  status written_off
2026-03-20  sell       C1
2026-03-20  expect     C1  status sold  due 0.00  not-due 0.00

== A plan beside a card
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-03-01  plan    C1  row 2026-03-15 500.00  row 2026-04-15 500.00
2026-03-20  expect  C1  dpd 23  plan-dpd 5
2026-03-20  pay     C1  500.00
2026-03-20  expect  C1  plan-dpd 0

== Re-ageing a card
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-03-10  expect  C1  dpd 13
2026-03-10  re-age  C1
2026-03-10  expect  C1  dpd 0  due 217.00
2026-03-15  expect  C1  dpd 5

== Grace of the day counter, on a card
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  grace-days 3  dpd-grace forgive
2026-01-10  buy     C1  1,000.00
2026-02-28  expect  C1  dpd 0
2026-03-01  expect  C1  dpd 4
2026-01-05  card    C2  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  grace-days 3  dpd-grace shift
2026-01-10  buy     C2  1,000.00
2026-02-28  expect  C2  dpd 0
2026-03-01  expect  C2  dpd 1
2026-01-05  card    C3  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  grace-days 3
2026-01-10  buy     C3  1,000.00
2026-02-26  expect  C3  dpd 1

== Tolerance and materiality, on a card
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  tolerance 1.00
2026-01-10  buy     C1  1,000.00
2026-02-20  pay     C1  99.00
2026-03-01  expect  C1  dpd 0  due 1.00  oldest none
2026-01-05  card    C2  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  materiality 100.00
2026-01-10  buy     C2  1,000.00
2026-03-01  expect  C2  dpd 0  overdue 100.00
2026-01-05  card    C3  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  materiality-part 10%
2026-01-10  buy     C3  1,000.00
2026-03-01  expect  C3  dpd 0  overdue 100.00
2026-01-05  card    C4  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  materiality-part 9.99%
2026-01-10  buy     C4  1,000.00
2026-03-01  expect  C4  dpd 4

== The oldest payment day counts, until its minimum is met
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-03-28  expect  C1  dpd 31  oldest 2026-02-25  overdue 217.00
2026-03-28  pay     C1  100.00
2026-03-28  expect  C1  dpd 3  oldest 2026-03-25  overdue 117.00
2026-03-25  expect  C1  oldest 2026-02-25  overdue 100.00  dpd 28

== A card pays costs and fees before interest, and interest before purchases
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%  walk by_category
2026-01-10  buy     C1  1,000.00
2026-02-26  fee     C1  10.00
2026-02-27  cost    C1  20.00
# minimum added on 5 March: (1,000.00 - 100.00) x 10% + 27.00 + 10.00 + 20.00 = 147.00
2026-02-27  expect  C1  fee 10.00  cost 20.00  due 130.00
2026-03-05  expect  C1  fee 10.00  cost 20.00  interest 27.00  due 247.00
2026-03-06  pay     C1  25.00
2026-03-06  expect  C1  cost 0.00  fee 5.00  interest 27.00
2026-03-06  pay     C1  5.00
2026-03-06  expect  C1  fee 0.00  interest 27.00  due 217.00

== Money is taken from purchases oldest first
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-06  buy     C1  100.00
2026-01-26  buy     C1  100.00
2026-02-20  pay     C1  150.00
# full: 100.00 x 45 days + 50.00 x 25 + 50.00 x 38 to 5 March: (4,500.00 + 1,250.00 + 1,900.00) x 0.05% = 3.83
2026-03-05  expect  C1  interest 3.83

== Waived in part: of a card's oldest statement first
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
# interest 27.00 on 5 March, 15.50 on 5 April: 1,000.00 x 0.05% x 31 = 15.50
2026-04-06  expect  C1  interest 42.50
2026-04-06  waive   C1  interest 30.00
2026-04-06  expect  C1  interest 12.50

== An opening position supersedes a card's own history
2026-01-05  card     C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy      C1  1,000.00
2026-03-08  fee      C1  20.00
2026-03-10  opening  C1  not-due 500.00
2026-03-10  expect   C1  due 0.00  not-due 500.00  interest 0.00  fee 0.00  dpd 0

== A position on a statement day: that statement counts as issued
2026-01-05  card     C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-03-05  opening  C1  not-due 1,000.00
# next statement on 5 April: 1,000.00 x 0.05% x 31 = 15.50; minimum 1,000.00 x 10% + 15.50 = 115.50
2026-03-05  expect   C1  due 0.00  next-due 2026-04-25
2026-04-05  expect   C1  due 115.50

== A position's balance that is paid in full still bore interest until then
2026-01-05  card     C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-03-05  opening  C1  not-due 1,000.00  due 100.00  fee 5.00  since 2026-02-25
# 10 days on 1,100.00: 1,100.00 x 0.05% x 10 = 5.50
2026-03-15  pay      C1  1,105.00
2026-04-05  expect   C1  interest 5.50  due 5.50  fee 0.00

== Sold with a fee not yet billed and money held
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-01-11  pay     C1  1,200.00
2026-01-12  fee     C1  20.00
2026-01-13  cost    C1  30.00
2026-01-13  expect  C1  fee 20.00  cost 30.00  credit 200.00
2026-01-14  sell    C1
2026-01-14  expect  C1  fee 0.00  cost 0.00  credit 0.00  status sold

== A card is settled when its cycles are over and nothing is owed
2026-01-05  card    C1  CNY  18.25%  1 cycles  pay-after 20
2026-01-10  buy     C1  100.00
2026-01-12  pay     C1  100.00
2026-01-12  expect  C1  status active  due 0.00  not-due 0.00
2026-02-05  expect  C1  status settled

== After the last cycle a purchase joins the last statement
2026-01-05  card    C1  CNY  18.25%  1 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  100.00
2026-02-10  buy     C1  50.00
2026-02-10  expect  C1  due 10.00  not-due 140.00  status active

== Accelerated after an unmet minimum
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-03-10  accelerate  C1
# billed 27.00; from 5 to 10 March 1,000.00 x 0.05% x 5 = 2.50
2026-03-10  expect  C1  due 1,029.50  not-due 0.00  dpd 13
2026-03-12  pay     C1  1,029.50
2026-03-12  expect  C1  dpd 0  due 0.00

== A plan on a card counts money from its own day
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-01-10  buy     C1  1,000.00
2026-02-20  pay     C1  50.00
2026-03-01  plan    C1  row 2026-03-15 50.00
2026-03-20  expect  C1  plan-dpd 5

== The first purchase after idle cycles falls into the cycle of its own day
# statements on the 5th, payment days on the 25th; those of February and March billed nothing
2026-01-05  card    C1  CNY  18.25%  6 cycles  pay-after 20  card-minimum 10%
2026-03-09  expect  C1  dpd 0  due 0.00  status not_drawn
2026-03-10  buy     C1  1,000.00
2026-03-10  expect  C1  dpd 0  due 0.00  not-due 1,000.00  accrued 0.00
2026-04-04  expect  C1  dpd 0  due 0.00  accrued 0.00
2026-04-05  expect  C1  dpd 0  due 100.00  not-due 900.00
2026-04-25  expect  C1  dpd 0  due 100.00
# not paid in full: from 10 March to 26 April 1,000.00 x 0.05% x 47 = 23.50
2026-04-26  expect  C1  dpd 1  due 100.00  accrued 23.50
