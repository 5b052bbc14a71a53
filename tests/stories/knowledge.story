# Two days of every fact: when it counts, and when we learnt it. What bounced, what came late, what was put right.

== A payment learnt late: the past is seen as it was known, and as it was
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-05  pay     L1  100.00  known 2026-02-12
2026-02-10  expect  L1  dpd 5  due 100.00
2026-02-10  expect  L1  dpd 0  due 0.00  as-known 2026-02-12
2026-02-12  expect  L1  dpd 0  due 0.00

== A payment in the past moves default interest of all days after it
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%
2026-02-15  pay     L1  505.00  known 2026-03-01
# before: 24 days, 1,000.00 x 18% x 24 / 360 = 12.00
2026-03-01  expect  L1  penalty 12.00  as-known 2026-02-28
# after: 5.00 was paid on 15 February with 500.00 principal; 500.00 x 18% x 14 / 360 = 3.50
2026-03-01  expect  L1  penalty 3.50  principal 500.00

== A waiver known before it counts
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 50.00
2026-02-20  waive   L1  interest all  known 2026-02-10
2026-02-19  expect  L1  interest 50.00
2026-02-20  expect  L1  interest 0.00

== A payment reversed: as if it had never been made
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%
2026-02-05  pay     L1  1,000.00  ref P1
2026-02-10  expect  L1  due 0.00  dpd 0
2026-02-15  reverse L1  P1
# 10 days of default interest, as if nothing had come: 1,000.00 x 18% x 10 / 360 = 5.00
2026-02-15  expect  L1  due 1,005.00  penalty 5.00  dpd 10  paid 0.00
2026-02-10  expect  L1  due 1,002.50  dpd 5  as-known 2026-02-15
2026-02-14  expect  L1  due 0.00  dpd 0

== A payment that bounced counts until that day, where the contract says so
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%  reversal from_bounce_day
2026-02-05  pay     L1  1,000.00  ref P1
2026-02-15  reverse L1  P1
2026-02-14  expect  L1  due 0.00  dpd 0
# no default interest for the ten days; the day counter goes back to the due day
2026-02-15  expect  L1  due 1,000.00  penalty 0.00  dpd 10  paid 0.00
2026-02-25  expect  L1  penalty 5.00  dpd 20

== A bounced payment gives back what was applied last
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 50.00  reversal from_bounce_day
2026-02-05  pay     L1  250.00  ref P1
2026-02-08  pay     L1  300.00  ref P2
2026-02-08  expect  L1  interest 0.00  principal 500.00
2026-02-12  reverse L1  P1
2026-02-12  expect  L1  interest 0.00  principal 750.00  paid 300.00

== A bounced payment is taken from held money first
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00  reversal from_bounce_day
2026-02-05  pay     L1  130.00  ref P1
2026-02-06  pay     L1  20.00
2026-02-06  expect  L1  credit 50.00
2026-02-08  reverse L1  P1
# 130.00 - 50.00 = 80.00 comes back as principal
2026-02-08  expect  L1  credit 0.00  principal 80.00

== A bounced prepayment puts the principal back on what is not yet due
2026-01-05  loan    L1  3,000.00 CNY  3 monthly  0%  equal_principal  reversal from_bounce_day
2026-01-10  prepay  L1  1,500.00 instalment  ref P1
2026-01-10  expect  L1  not-due 1,500.00  next 500.00
2026-01-20  reverse L1  P1
2026-01-20  expect  L1  not-due 3,000.00  next 1,000.00

== A reversal learnt on a later day than it counts
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-05  pay     L1  100.00  ref P1
2026-02-10  reverse L1  P1  known 2026-02-20
2026-02-19  expect  L1  dpd 0
2026-02-20  expect  L1  dpd 15

== Reversed in error: entered again under a new reference
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-05  pay     L1  100.00  ref P1
2026-02-10  reverse L1  P1
2026-02-12  expect  L1  dpd 7
2026-02-05  pay     L1  100.00  ref P2  known 2026-02-13
2026-02-13  expect  L1  dpd 0  status settled

== A reversal of what is not there is refused
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-10  reverse L1  P9
2026-02-10  expect  L1  refused

== A reversal of what was reversed already is refused
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-05  pay     L1  100.00  ref P1
2026-02-10  reverse L1  P1
2026-02-11  reverse L1  P1
2026-02-10  expect  L1  dpd 5
2026-02-11  expect  L1  refused

== A fee charged in error is taken back
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-06  fee     L1  30.00  ref F1
2026-02-07  pay     L1  30.00
2026-02-07  expect  L1  fee 0.00  principal 100.00
2026-02-09  reverse L1  F1
2026-02-09  expect  L1  fee 0.00  principal 70.00

== A pause taken back
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-10  pause   L1  dpd  until 2026-02-20  ref S1
2026-02-20  expect  L1  dpd 5
2026-02-21  reverse L1  S1
2026-02-21  expect  L1  dpd 16

== A back-dated payment that arrives while a later one was already applied
2026-01-05  loan    L1  200.00 CNY  row 2026-02-05 100.00  row 2026-03-05 100.00
2026-03-10  pay     L1  100.00
2026-03-10  expect  L1  dpd 5  oldest 2026-03-05
2026-02-05  pay     L1  100.00  known 2026-03-12
2026-03-12  expect  L1  dpd 0  status settled
2026-03-04  expect  L1  dpd 0  due 0.00  as-known 2026-03-12

== A bounced payment gives each category back what it took
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 100.00 7.00  penalty 18.0%  9.0%  penalty-mode beside
            compound 18.0%  compound-on interest  reversal from_bounce_day
2026-02-10  cost    L1  20.00
# by 25 February: default 10.00, compound 100.00 x 18% x 20 / 360 = 1.00, interest beside 1,000.00 x 9% x 20 / 360 = 5.00
2026-02-25  expect  L1  cost 20.00  fee 7.00  interest 105.00  penalty 10.00  compound 1.00  principal 1,000.00
2026-02-25  pay     L1  243.00  ref P1
2026-02-25  expect  L1  cost 0.00  fee 0.00  interest 0.00  penalty 0.00  compound 0.00  principal 900.00
2026-02-25  reverse L1  P1
2026-02-25  expect  L1  cost 20.00  fee 7.00  interest 105.00  penalty 10.00  compound 1.00  principal 1,000.00

== Of a larger payment that was applied last, only the bounced amount comes back
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 50.00  penalty 18.0%  reversal from_bounce_day
2026-02-05  pay     L1  30.00  ref P1
2026-02-05  pay     L1  400.00  ref P2
# P2 paid 20.00 interest and 380.00 principal; 30.00 come back as principal, then P2's 400.00: 350.00 principal,
# 20.00 of interest from P2 and 30.00 from P1
2026-02-05  reverse L1  P1
2026-02-05  expect  L1  interest 0.00  principal 650.00
2026-02-05  reverse L1  P2
2026-02-05  expect  L1  interest 50.00  principal 1,000.00  paid 0.00
# it is the instalment's principal again, and bears: 1,000.00 x 18% x 10 / 360 = 5.00
2026-02-15  expect  L1  penalty 5.00

== A bounced prepayment: each day bears on what was owed then
2026-01-05  loan    L1  36,000.00 CNY  3 monthly  10.0%  interest_only  day-count act/360  reversal from_bounce_day
2026-01-15  prepay  L1  18,000.00 instalment  ref P1
2026-01-25  reverse L1  P1
# 10 days at 10.00, 10 at 5.00, 11 at 10.00: 100.00 + 50.00 + 110.00 = 260.00
2026-02-05  expect  L1  interest 260.00  not-due 36,000.00

== A payment from before a restructure bounces after it: its amount is owed again, due at once
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  reversal from_bounce_day
2026-02-05  pay     L1  400.00  ref P1
2026-02-20  restructure  L1  0%  2 monthly
2026-02-25  reverse L1  P1
2026-02-25  expect  L1  principal 400.00  not-due 600.00  dpd 0

== Paid and bounced within a pause of the day counter: its days do not count
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  reversal from_bounce_day
2026-02-15  pause   L1  dpd  until 2026-03-01
2026-02-16  pay     L1  1,000.00  ref P1
2026-02-28  reverse L1  P1
# 10 days to 15 February, none until 1 March: 10, and on the 2nd 11
2026-02-28  expect  L1  dpd 10
2026-03-02  expect  L1  dpd 11

== Paid before a pause of the day counter and bounced after it: its days do not count either
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  reversal from_bounce_day
2026-02-05  pay     L1  1,000.00  ref P1
2026-02-15  pause   L1  dpd  until 2026-03-01
2026-03-02  reverse L1  P1
2026-03-02  expect  L1  dpd 11
2026-01-05  loan    L2  1,000.00 CNY  row 2026-02-05 1,000.00
2026-02-05  pay     L2  1,000.00  ref P1
2026-02-15  pause   L2  dpd  until 2026-03-01
2026-03-02  reverse L2  P1
2026-03-02  expect  L2  dpd 11

== A payment from before a plan bounces after it: the plan counts the money since it was agreed
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  reversal from_bounce_day
2026-02-06  pay     L1  300.00  ref P1
2026-02-10  plan    L1  row 2026-03-01 100.00  row 2026-04-01 900.00
2026-02-11  reverse L1  P1
2026-03-01  pay     L1  100.00
2026-03-02  expect  L1  plan-dpd 0  dpd 25
# 100.00 + 900.00 are agreed, 100.00 is paid
2026-04-02  expect  L1  plan-dpd 1

== A payment of the day of a plan or later that bounces is one that the plan lacks
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  reversal from_bounce_day
2026-02-10  plan    L1  row 2026-03-01 100.00  row 2026-04-01 900.00
2026-02-10  pay     L1  100.00  ref P1
2026-03-02  expect  L1  plan-dpd 0
2026-03-03  reverse L1  P1
2026-03-03  expect  L1  plan-dpd 2

== A payout that came back and was made later bears interest from the later one only
2026-01-05  loan     L1  36,000.00 CNY  2 monthly  10.0%  interest_only  undrawn
2026-01-05  draw     L1  36,000.00  ref D1
2026-01-12  reverse  L1  D1
2026-01-25  draw     L1  36,000.00
# 10.00 a day; 25 January to 5 February: ten days of 30/360
2026-02-04  expect   L1  accrued 90.00
2026-02-05  expect   L1  interest 100.00
2026-03-05  expect   L1  interest 400.00

== The same of a schedule that the lender gave: his interest for the days that the money was out
2026-01-05  loan     L1  36,500.00 CNY  10.0%  day-count act/365  undrawn  row 2026-02-05  36,500.00  310.00
2026-01-05  draw     L1  36,500.00  ref D1
2026-01-12  reverse  L1  D1
2026-01-25  draw     L1  36,500.00
# 310.00 x 11 / 31 = 110.00
2026-02-05  expect   L1  interest 110.00

== What was to fall due before the money was out does not; what is left is laid on the rest
2026-01-05  loan     L1  36,000.00 CNY  3 monthly  10.0%  interest_only  undrawn
2026-02-20  draw     L1  36,000.00
2026-02-20  expect   L1  dpd 0  interest 0.00  next-due 2026-03-05
# 15 days of 30/360
2026-03-05  expect   L1  interest 150.00
2026-01-05  loan     L2  12,000.00 CNY  4 monthly  0%  equal_principal  undrawn
2026-02-20  draw     L2  12,000.00
# three of the four are left
2026-03-05  expect   L2  due 4,000.00  dpd 0

== A tranche paid out before the first that we knew of bears interest from its own day
2026-01-05  loan     L1  36,000.00 CNY  2 monthly  10.0%  interest_only  undrawn
2026-01-20  draw     L1  18,000.00
2026-01-10  draw     L1  18,000.00  known 2026-01-22
# 5.00 a day from 10 January, 10.00 from 20 January: 10 x 5.00 + 15 x 10.00 = 200.00
2026-02-05  expect   L1  interest 200.00

== Taken over within the first period: interest counts from the day of the contract
2026-01-05  loan     L1  36,000.00 CNY  2 monthly  10.0%  interest_only  undrawn
2026-01-20  opening  L1  not-due 36,000.00
2026-02-04  expect   L1  accrued 290.00
2026-02-05  expect   L1  interest 300.00

== An early settlement that bounces leaves the loan as it was, but for the days between
2026-01-05  loan     L1  12,000.00 CNY  12 monthly  0%  equal_instalment  reversal from_bounce_day
2026-01-10  prepay   L1  12,000.00 term  ref A
2026-01-10  expect   L1  due 0.00  not-due 0.00  next-due none
2026-01-20  reverse  L1  A
2026-01-20  expect   L1  dpd 0  due 0.00  not-due 12,000.00
2026-02-05  expect   L1  due 1,000.00
2026-01-05  loan     L2  12,000.00 CNY  2 monthly  12.0%  interest_only  reversal from_bounce_day
# ten days: 40.00; 15 days more until the due day, of which five without principal
2026-01-15  prepay   L2  12,040.00 instalment  ref B
2026-01-15  expect   L2  due 0.00  credit 0.00
2026-01-20  reverse  L2  B
# the interest of the ten days is owed again, at once; it does not age
2026-01-20  expect   L2  due 40.00  dpd 0  not-due 12,000.00
2026-02-05  expect   L2  due 100.00

== Paid out between the end of a period and its moved due day: no day before it counts
2026-01-17  loan    L1  36,500.00 CNY  3 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23  holiday-shift following  undrawn
2026-01-17  draw    L1  36,500.00 ref D
2026-01-18  reverse L1  D
2026-02-20  draw    L1  36,500.00
2026-02-24  expect  L1  due 0.00
# 20 -> 25 Feb 5 days
2026-02-25  expect  L1  accrued 50.00
2026-03-01  expect  L1  accrued 90.00  settle 36,590.00
2026-03-17  expect  L1  interest 250.00

== A period that counts whole is the first one only
2026-01-05  loan    L1  36,000.00 CNY  3 monthly  10.0%  interest_only  first-period full_period undrawn
2026-02-20  draw    L1  36,000.00
2026-03-05  expect  L1  interest 150.00

== Paid out on the first due day: nothing has arisen
2026-01-05  loan    L1  36,000.00 CNY  3 monthly  10.0%  interest_only  first-period full_period undrawn
2026-02-05  draw    L1  36,000.00
2026-02-05  expect  L1  interest 0.00

== A schedule given for money that came back waits for the payout
2026-01-05  loan    L1  36,500.00 CNY  1 monthly 10.0%  bullet day-count act/365 undrawn
2026-01-05  draw    L1  36,500.00 ref D
2026-01-05  schedule L1 row 2026-02-05 36,500.00 310.00
2026-01-12  reverse L1 D
2026-01-25  draw    L1  36,500.00
2026-01-26  expect  L1  not-due 36,500.00
2026-02-05  expect  L1  principal 36,500.00  interest 110.00

== Paid out again within days of the contract's first day, its only due day moved: each day from the payout on
2026-01-17  loan    L1  36,500.00 CNY  1 monthly  10.0%  bullet  day-count act/365  rest 2026-02-15..2026-02-23  holiday-shift following  undrawn
2026-01-17  draw    L1  36,500.00 ref D
2026-01-18  reverse L1  D
2026-01-22  draw    L1  36,500.00
# 22 Jan -> 17 Feb 26 days, and none of the shift
2026-02-24  expect  L1  interest 260.00
2026-01-17  loan    L2  36,500.00 CNY  1 monthly  10.0%  bullet  day-count act/365  rest 2026-02-15..2026-02-23  holiday-shift preceding  undrawn
2026-01-20  draw    L2  36,500.00
2026-02-14  expect  L2  interest 280.00
2026-01-17  loan    L3  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23,2026-03-17..2026-03-18  holiday-shift following  undrawn
2026-01-20  draw    L3  36,500.00
2026-02-24  expect  L3  interest 280.00
2026-03-19  expect  L3  interest 560.00
2026-01-17  loan    L4  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-24 36,500.00 310.00 days 31  holiday-shift following  undrawn
2026-01-20  draw    L4  36,500.00
2026-02-24  expect  L4  interest 280.00

== An early settlement whose figure is paid leaves nothing, of interest on no principal neither
2026-01-05  loan    L1  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00 row 2026-03-05 0.00 50.00
2026-01-15  expect  L1  settle 36,600.00
2026-01-15  prepay  L1  36,600.00 instalment
2026-01-15  expect  L1  status settled  next-due none
2026-03-10  expect  L1  due 0.00  dpd 0
2026-01-05  loan    L2  36,500.00 CNY  10.0%  day-count act/365  row 2026-02-05  36,500.00  310.00 row 2026-03-05 0.00 50.00  reversal from_bounce_day
2026-01-15  prepay  L2  36,600.00 instalment ref P
2026-01-15  expect  L2  status settled  next-due none
2026-03-10  expect  L2  due 0.00  dpd 0
# it bounces after all due days: interest up to the settlement is owed again, what fell due with nothing stays so
2026-03-11  reverse L2  P
2026-03-12  expect  L2  interest 100.00

== With the principal paid before, the figure that settles is the running interest
2026-01-05  loan    L1  36,500.00 CNY  1 monthly  10.0%  bullet  day-count act/365  early-money reduce_instalment
2026-01-15  pay     L1  36,500.00
2026-01-20  expect  L1  settle 100.00  status active
2026-01-20  pay     L1  100.00
2026-01-20  expect  L1  settle 0.00  status settled
