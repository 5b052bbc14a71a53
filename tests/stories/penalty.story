# Default interest (罚息), compound default interest (复利), their grace, their rounding.
# At 18 % over 360 days a day costs 0.05 %.

== Default interest in place of contract interest
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 10.00  penalty 18.0%  9.0%
# ten days: 1,000.00 x 18% x 10 / 360 = 5.00; twenty: 10.00
2026-02-05  expect  L1  penalty 0.00
2026-02-06  expect  L1  penalty 0.50  interest 10.00
2026-02-15  expect  L1  penalty 5.00  interest 10.00  due 1,015.00
2026-02-25  expect  L1  penalty 10.00

== Default interest beside contract interest
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 10.00  penalty 18.0%  9.0%  penalty-mode beside
# contract interest goes on: 1,000.00 x 9% x 10 / 360 = 2.50; 10.00 + 2.50 = 12.50
2026-02-15  expect  L1  penalty 5.00  interest 12.50

== No default rate agreed: we claim none
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 10.00  9.0%
2026-12-05  expect  L1  penalty 0.00  interest 10.00

== On principal and interest
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 10.00  penalty 18.0%  penalty-base principal_and_interest
# 1,010.00 x 18% x 10 / 360 = 5.05
2026-02-15  expect  L1  penalty 5.05

== Days are the calendar's, the year is the day count's
2026-01-05  loan    L1  10,000.00 CNY  1 monthly  0%  bullet  penalty 18.25%  day-count act/365
# 5 February to 5 April, 59 days: 10,000.00 x 18.25% x 59 / 365 = 295.00
2026-04-05  expect  L1  penalty 295.00
2026-01-05  loan    L2  10,000.00 CNY  1 monthly  0%  bullet  penalty 18.0%
# 30/360: 59 days as well, over 360: 10,000.00 x 18% x 59 / 360 = 295.00
2026-04-05  expect  L2  penalty 295.00

== A part paid lowers the base from its day on
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 10.00  penalty 18.0%
# to 15 February 5.00; 505.00 pays 10.00 interest, 5.00 default interest, 490.00 principal
2026-02-15  pay     L1  505.00
2026-02-15  expect  L1  penalty 0.00  interest 0.00  principal 510.00
# ten days on the rest: 510.00 x 18% x 10 / 360 = 2.55
2026-02-25  expect  L1  penalty 2.55  principal 510.00

== Each instalment bears from its own due day
2026-01-05  loan    L1  2,000.00 CNY  2 monthly  0%  equal_principal  penalty 18.0%
# 1st: 38 days, 1,000.00 x 18% x 38 / 360 = 19.00; 2nd: 10 days, 5.00; 19.00 + 5.00 = 24.00
2026-03-15  expect  L1  penalty 24.00

== Rounded once over all days
2026-01-05  loan    L1  110.00 CNY  row 2026-02-05 110.00  penalty 18.0%
# a day costs 0.055: 110.00 x 18% x 30 / 360 = 1.65
2026-02-06  expect  L1  penalty 0.06
2026-02-07  expect  L1  penalty 0.11
2026-03-07  expect  L1  penalty 1.65

== Rounded each day
2026-01-05  loan    L1  110.00 CNY  row 2026-02-05 110.00  penalty 18.0%  penalty-rounding daily
# a day costs 110.00 x 18% / 360 = 0.06; 30 days 30 x 0.06 = 1.80
2026-02-06  expect  L1  penalty 0.06
2026-03-07  expect  L1  penalty 1.80

== Rounded once over all days, also across a part payment
2026-01-05  loan    L1  110.00 CNY  row 2026-02-05 110.00  penalty 18.0%  order principal,cost,fee,interest,penalty,compound
2026-02-06  pay     L1  11.00
# 110.00 x 18% x 1 / 360 + 99.00 x 18% x 1 / 360 = 0.10
2026-02-07  expect  L1  penalty 0.10  principal 99.00

== No compound interest, where none is agreed
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 100.00  penalty 18.0%  compound 18.0%
2026-02-25  expect  L1  compound 0.00  penalty 10.00

== Compound interest on overdue interest
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 100.00  penalty 18.0%  compound 18.0%  compound-on interest
# 100.00 x 18% x 20 / 360 = 1.00
2026-02-25  expect  L1  compound 1.00  penalty 10.00
2026-02-25  pay     L1  60.00
# 60.00 pays interest; ten days on the 40.00 left: 1.00 + 40.00 x 18% x 10 / 360 = 1.20
2026-03-07  expect  L1  compound 1.20  interest 40.00

== Compound interest on interest and on default interest posted on the 21st
2026-01-05  loan    L1  10,000.00 CNY  row 2026-02-05 10,000.00 100.00  penalty 18.0%
            compound 18.0%  compound-on interest_and_penalty  settlement-day 21
# to 21 February, 16 days: default 10,000.00 x 18% x 16 / 360 = 80.00, compound 100.00 x 18% x 16 / 360 = 0.80
2026-02-20  expect  L1  penalty 75.00  compound 0.75
2026-02-21  expect  L1  penalty 80.00  compound 0.80
# posted 80.80: ten days more on 180.80: 0.80 + 180.80 x 18% x 10 / 360 = 1.70
2026-03-03  expect  L1  penalty 130.00  compound 1.70
# 28 days to 21 March: compound 0.80 + 180.80 x 18% x 28 / 360 = 3.33; default, 44 days: 10,000.00 x 18% x 44 / 360 = 220.00
2026-03-21  expect  L1  penalty 220.00  compound 3.33
# posted anew 223.33: one day on 100.00 + 223.33 = 323.33; (0.80 + 2.5312) + 323.33 x 18% / 360 = 3.49
2026-03-22  expect  L1  compound 3.49

== What is paid of the posted default interest bears no more
2026-01-05  loan    L1  10,000.00 CNY  row 2026-02-05 10,000.00 100.00  penalty 18.0%
            compound 18.0%  compound-on interest_and_penalty  settlement-day 21
# on 21 February 100.00 interest and 80.00 of the 80.00 default interest are paid; 0.80 compound stays and bears
2026-02-21  pay     L1  180.00
2026-02-21  expect  L1  interest 0.00  penalty 0.00  compound 0.80
# ten days: 0.80 + 0.80 x 18% x 10 / 360 = 0.80; default 10,000.00 x 18% x 10 / 360 = 50.00
2026-03-03  expect  L1  penalty 50.00  compound 0.80

== Grace for default interest forgives: none if paid within
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%  grace-days 3  penalty-grace forgive
2026-02-08  expect  L1  penalty 0.00
2026-02-08  pay     L1  1,000.00
2026-02-20  expect  L1  penalty 0.00  status settled

== Grace for default interest forgives: all days if paid later
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%  grace-days 3  penalty-grace forgive
# 4 days: 1,000.00 x 18% x 4 / 360 = 2.00
2026-02-08  expect  L1  penalty 0.00  settle 1,000.00
2026-02-09  expect  L1  penalty 2.00

== Grace for default interest forgives only what is paid in full
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%  grace-days 3  penalty-grace forgive
2026-02-08  pay     L1  600.00
# 3 days on 1,000.00, 1 on 400.00: (3,000.00 + 400.00) x 0.05% = 1.70
2026-02-09  expect  L1  penalty 1.70  principal 400.00

== Grace for default interest shifts its beginning
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%  grace-days 3  penalty-grace shift
2026-02-08  expect  L1  penalty 0.00
2026-02-09  expect  L1  penalty 0.50  dpd 4

== Grace for the day counter and grace for default interest are two things
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%  grace-days 3  dpd-grace shift  penalty-grace ignore
2026-02-08  expect  L1  penalty 1.50  dpd 0
2026-02-09  expect  L1  penalty 2.00  dpd 1

== A pause of default interest
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%
2026-02-15  pause   L1  penalty  until 2026-02-25
2026-02-24  expect  L1  penalty 5.00  dpd 19
2026-02-25  expect  L1  penalty 5.00
2026-03-07  expect  L1  penalty 10.00  dpd 30

== Two pauses that overlap end with the later
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%
2026-02-15  pause   L1  penalty  until 2026-02-25
2026-02-20  pause   L1  penalty  until 2026-03-02
2026-03-02  expect  L1  penalty 5.00
2026-03-12  expect  L1  penalty 10.00

== A new default rate holds from its day on
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%
2026-02-15  rate    L1  0%  penalty 36.0%
# 1,000.00 x 18% x 10 / 360 + 1,000.00 x 36% x 10 / 360 = 15.00
2026-02-25  expect  L1  penalty 15.00

== Waived default interest
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%
2026-02-25  waive   L1  penalty 4.00
2026-02-25  expect  L1  penalty 6.00
2026-02-26  waive   L1  penalty all
2026-02-26  expect  L1  penalty 0.00  principal 1,000.00
2026-03-08  expect  L1  penalty 5.00

== What a waiver names beyond what is owed falls flat
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 50.00
2026-02-10  waive   L1  interest 80.00
2026-02-10  expect  L1  interest 0.00  principal 1,000.00  credit 0.00

== A rate change that names no default rate leaves it; one that names 0 % ends it
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 100.00  penalty 18.0%  compound 18.0%  compound-on interest
2026-02-15  rate    L1  5.0%
2026-02-25  rate    L1  5.0%  penalty 0%  compound 36.0%
# to 25 February 20 days at 18%, then none: 10.00; compound 100.00 x 18% x 20 / 360 + 100.00 x 36% x 10 / 360 = 2.00
2026-03-07  expect  L1  penalty 10.00  compound 2.00

== A settlement day posts nothing where compound interest is on interest alone
2026-01-05  loan    L1  10,000.00 CNY  row 2026-02-05 10,000.00 100.00  penalty 18.0%
            compound 18.0%  compound-on interest  settlement-day 21
# 100.00 x 18% x 26 / 360 = 1.30
2026-03-03  expect  L1  compound 1.30

== Interest that went on beside default interest is paid as interest
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 10.00  penalty 18.0%  9.0%  penalty-mode beside
# 10.00 + 2.50 interest, 5.00 default; 12.00 leaves 0.50; another ten days add 2.50
2026-02-15  pay     L1  12.00
2026-02-15  expect  L1  interest 0.50  penalty 5.00
2026-02-25  expect  L1  interest 3.00  penalty 10.00
2026-02-25  pay     L1  1,013.00
2026-02-25  expect  L1  status settled

== Interest beside default interest stops while interest is paused; default interest does not
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 10.00  penalty 18.0%  9.0%  penalty-mode beside
2026-02-05  pause   L1  interest  until 2026-02-15
2026-02-25  expect  L1  interest 12.50  penalty 10.00

== What is paid of posted default interest in part bears no more than what is left of it
2026-01-05  loan    L1  10,000.00 CNY  row 2026-02-05 10,000.00  penalty 18.0%
            compound 18.0%  compound-on interest_and_penalty  settlement-day 21
# posted on 21 February: 80.00. On 3 March 130.00 is owed, and 0.40 compound: 80.00 x 18% x 10 / 360 = 0.40
# 100.00 paid: 30.00 default interest and 0.40 are left, less than 80.00, so 30.40 bears on
2026-03-03  pay     L1  100.00
2026-03-03  expect  L1  penalty 30.00  compound 0.40
# ten days: 0.40 + 30.40 x 18% x 10 / 360 = 0.55
2026-03-13  expect  L1  compound 0.55

== A forgiving grace holds compound interest back too, and forgets it when paid within
2026-01-05  loan    L1  10,000.00 CNY  row 2026-02-05 10,000.00 1,000.00  penalty 18.0%
            compound 18.0%  compound-on interest  grace-days 3  penalty-grace forgive
2026-02-08  expect  L1  penalty 0.00  compound 0.00
2026-02-08  pay     L1  11,000.00
2026-02-20  expect  L1  status settled  compound 0.00

== Default interest is posted on the settlement day alone, whatever else happens
2026-01-05  loan    L1  10,000.00 CNY  row 2026-02-05 10,000.00 100.00  penalty 18.0%
            compound 18.0%  compound-on interest_and_penalty  settlement-day 21
2026-02-15  collateral  L1
2026-02-25  fee     L1  1.00
# as without them: 0.80 + 180.80 x 18% x 10 / 360 = 1.70
2026-03-03  expect  L1  penalty 130.00  compound 1.70

== A compound rate of 0 % ends compound interest
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00 100.00  penalty 18.0%  compound 18.0%  compound-on interest
2026-02-25  rate    L1  5.0%  compound 0%
2026-03-07  expect  L1  compound 1.00  penalty 15.00
