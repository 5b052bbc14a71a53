# Leap days, month ends, holidays.

== Due on the 31st: the last day of shorter months, and the 31st again
2026-01-31  loan    L1  36,500.00 CNY  4 monthly  10.0%  interest_only  day-count act/365
# a day costs 36,500.00 x 10% / 365 = 10.00: 28, 31 and 30 days; 280.00 + 310.00 + 300.00 = 890.00
2026-02-27  expect  L1  due 0.00  next-due 2026-02-28
2026-02-28  expect  L1  interest 280.00  next-due 2026-03-31
2026-03-31  expect  L1  interest 590.00  next-due 2026-04-30  dpd 31
2026-04-30  expect  L1  interest 890.00  next-due 2026-05-31  dpd 61

== Due on the 31st under 30/360: every month is a month
2026-01-31  loan    L1  10,000.00 CNY  3 monthly  12.0%  interest_only
2026-02-28  expect  L1  interest 100.00
2026-03-31  expect  L1  interest 200.00
2026-04-30  expect  L1  interest 300.00

== Due on the 29th of February, a leap year
2024-01-31  loan    L1  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365
# 31 January to 29 February: 29 days, to 31 March 31
2024-02-28  expect  L1  due 0.00
2024-02-29  expect  L1  interest 290.00  dpd 0
2024-03-01  expect  L1  interest 290.00  dpd 1
2024-03-31  expect  L1  interest 600.00  dpd 31

== A leap day is a day past due
2024-02-05  loan    L1  100.00 CNY  1 every-5-days  0%  bullet
2024-03-10  expect  L1  dpd 29        # due 10 February: 29 days of February 2024
2025-02-05  loan    L2  100.00 CNY  1 every-5-days  0%  bullet
2025-03-10  expect  L2  dpd 28

== Paid out on a leap day, due a year later
2024-02-29  loan    L1  36,500.00 CNY  1 yearly  10.0%  bullet  day-count act/365
# 29 February 2024 to 28 February 2025: 365 days, 36,500.00 x 10% x 365 / 365 = 3,650.00
2025-02-27  expect  L1  due 0.00
2025-02-28  expect  L1  interest 3,650.00  principal 36,500.00

== act/365 counts 366 days of a leap year
2024-01-01  loan    L1  36,500.00 CNY  1 yearly  10.0%  bullet  day-count act/365
2025-01-01  expect  L1  interest 3,660.00

== 30/360 through a leap February
2024-02-10  loan    L1  10,000.00 CNY  1 monthly  18.0%  bullet
# 19 days to 29 February, 20 to 30 (= 21 to 1 March): 10,000.00 x 18% x 19 / 360 = 95.00; 21: 105.00
2024-02-29  expect  L1  accrued 95.00
2024-03-01  expect  L1  accrued 105.00
2024-03-10  expect  L1  interest 150.00

== Default interest over a leap day
2024-01-10  loan    L1  1,000.00 CNY  row 2024-02-10 1,000.00  penalty 18.0%
# 10 February to 10 March 29 days: 1,000.00 x 18% x 29 / 360 = 14.50
2024-03-10  expect  L1  penalty 14.50  dpd 29

== A due day in the Spring Festival stays, where the contract does not move it
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23
2026-02-17  expect  L1  interest 100.00
2026-02-18  expect  L1  dpd 1

== A due day in the Spring Festival moves to the next working day, without interest
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23  holiday-shift following
2026-02-23  expect  L1  due 0.00  next-due 2026-02-24
2026-02-24  expect  L1  interest 100.00  dpd 0
2026-02-25  expect  L1  dpd 1
2026-03-17  expect  L1  interest 200.00

== The same with interest for the days of the shift
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23
            holiday-shift following  holiday-interest yes
# 17 January to 24 February 37 days of 30/360: 10,000.00 x 12% x 37 / 360 = 123.33; to 17 March 23 days
# 10,000.00 x 12% x 23 / 360 = 76.67; 123.33 + 76.67 = 200.00
2026-02-24  expect  L1  interest 123.33
2026-03-17  expect  L1  interest 200.00

== Moved to the working day before
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23  holiday-shift preceding
2026-02-13  expect  L1  due 0.00  next-due 2026-02-14
2026-02-14  expect  L1  interest 100.00
2026-02-15  expect  L1  dpd 1

== Moved to the working day before, with fewer days of interest
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23
            holiday-shift preceding  holiday-interest yes
# 17 January to 14 February 27 days: 10,000.00 x 12% x 27 / 360 = 90.00
2026-02-14  expect  L1  interest 90.00

== Moved to the working day before, settled afterwards: no day is charged twice
2026-01-17  loan    L1  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23
            holiday-shift preceding
# a day costs 36,500.00 x 10% / 365 = 10.00; the first instalment is for 31 days, to 17 February, though due on the 14th
2026-02-14  expect  L1  interest 310.00
2026-02-14  pay     L1  310.00
2026-02-17  expect  L1  accrued 0.00
2026-02-18  expect  L1  accrued 10.00
# 17 January to 1 March 43 days: 43 x 10.00 = 430.00; 430.00 - 310.00 = 120.00, and to settle 36,500.00 + 120.00 = 36,620.00
2026-03-01  expect  L1  accrued 120.00  settle 36,620.00
# 17 February to 17 March: 28 x 10.00 = 280.00
2026-03-16  expect  L1  accrued 270.00
2026-03-17  expect  L1  interest 280.00

== Moved to the working day before, called due afterwards
2026-01-17  loan    L1  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23
            holiday-shift preceding
2026-02-14  pay     L1  310.00
2026-03-01  accelerate  L1
# 17 February to 1 March 12 days: 12 x 10.00 = 120.00
2026-03-01  expect  L1  interest 120.00  principal 36,500.00

== Moved to the working day before, half prepaid on the days of the shift and half of that after them
2026-01-17  loan    L1  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23
            holiday-shift preceding
2026-02-14  pay     L1  310.00
2026-02-15  prepay  L1  18,250.00  instalment
# to 17 February is paid; from then on half the money: 18,250.00 x 10% / 365 = 5.00 a day
2026-02-18  expect  L1  accrued 5.00
2026-03-01  prepay  L1  9,125.00  instalment
# 12 x 5.00 = 60.00 to 1 March, then 16 x 2.50 = 40.00; 60.00 + 40.00 = 100.00
2026-03-17  expect  L1  interest 100.00

== Moved to the working day before under 30/360
2026-01-17  loan    L1  10,000.00 CNY  2 monthly  12.0%  interest_only  rest 2026-02-15..2026-02-23  holiday-shift preceding
2026-02-14  pay     L1  100.00
# 17 February to 1 March 14 days: 10,000.00 x 12% x 14 / 360 = 46.67; to 16 March 29: 10,000.00 x 12% x 29 / 360 = 96.67
2026-03-01  expect  L1  accrued 46.67
2026-03-16  expect  L1  accrued 96.67

== Moved to the next working day, settled afterwards: no day is left out
2026-01-17  loan    L1  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23
            holiday-shift following
2026-02-23  expect  L1  accrued 310.00
2026-02-24  pay     L1  310.00
# from 17 February: 7 x 10.00 = 70.00 on the due day, 12 x 10.00 = 120.00 on 1 March
2026-02-24  expect  L1  accrued 70.00
2026-03-01  expect  L1  accrued 120.00
2026-03-01  prepay  L1  18,250.00  instalment
# 12 x 10.00 + 16 x 5.00 = 200.00
2026-03-17  expect  L1  interest 200.00

== Moved to the next working day, half prepaid on the days of the shift
2026-01-17  loan    L1  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23
            holiday-shift following
2026-02-23  prepay  L1  18,250.00  instalment
2026-02-24  expect  L1  interest 310.00
2026-02-24  pay     L1  310.00
# 17 to 23 February 6 x 10.00 = 60.00, then half the money: on the 24th 60.00 + 5.00 = 65.00
2026-02-24  expect  L1  accrued 65.00
# 6 x 10.00 + 22 x 5.00 = 170.00
2026-03-17  expect  L1  interest 170.00

== Each Saturday, moved to the Monday: the weeks still count from Saturday
2026-01-03  loan    L1  36,500.00 CNY  3 weekly  10.0%  interest_only  day-count act/365  rest weekends
            holiday-shift following
# a week costs 7 x 10.00 = 70.00; on Monday 12 January two days of the second have passed: 2 x 10.00 = 20.00
2026-01-12  expect  L1  interest 70.00  accrued 20.00
2026-01-17  expect  L1  interest 70.00  accrued 70.00
2026-01-19  expect  L1  interest 140.00  accrued 20.00

== Moved out of February under 30/360
2025-12-31  loan    L1  36,000.00 CNY  3 monthly  10.0%  interest_only  rest 2026-02-28..2026-03-01  holiday-shift following
2026-01-31  pay     L1  300.00
2026-03-02  pay     L1  300.00
# the second period ends with February; to 2 March 4 days by 30E/360: 36,000.00 x 10% x 4 / 360 = 40.00
2026-03-02  expect  L1  interest 0.00  accrued 40.00
2026-03-31  expect  L1  interest 300.00

== Interest for the days of a shift, and none moved: a whole month is 30 days
2026-01-31  loan    L1  10,000.00 CNY  3 monthly  12.0%  interest_only  holiday-interest yes
# 10,000.00 x 12% x 30 / 360 = 100.00 each month
2026-02-28  expect  L1  interest 100.00
2026-03-31  expect  L1  interest 200.00
2026-04-30  expect  L1  interest 300.00

== Interest for the days of a shift out of February
2026-01-31  loan    L1  10,000.00 CNY  3 monthly  12.0%  interest_only  rest 2026-02-28..2026-03-01
            holiday-shift following  holiday-interest yes
# 31 January to 2 March 32 days of 30/360: 10,000.00 x 12% x 32 / 360 = 106.67; to 31 March 28: 10,000.00 x 12% x 28 / 360 = 93.33
2026-03-02  expect  L1  interest 106.67
2026-03-31  expect  L1  interest 200.00
2026-04-30  expect  L1  interest 300.00

== A month's extension from the 31st with interest is 30 days
2025-12-31  loan    L1  10,000.00 CNY  3 monthly  12.0%  interest_only
2026-01-10  extend  L1  1 months 0 days with-interest
# 30 days and 30 more: 10,000.00 x 12% x 60 / 360 = 200.00
2026-02-28  expect  L1  interest 200.00
2025-12-31  loan    L2  10,000.00 CNY  3 monthly  12.0%  interest_only
2026-01-10  extend  L2  1 months 5 days with-interest
# 31 January to 5 March 35 days by 30E/360: 10,000.00 x 12% x 65 / 360 = 216.67
2026-03-05  expect  L2  interest 216.67

== Moved due days that are extended move with the end of their period
2026-01-17  loan    L1  36,500.00 CNY  2 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23
            holiday-shift preceding
2026-01-20  extend  L1  1 months 0 days without-interest
# the first instalment, for 31 days, now due on 14 March instead of 14 February; its period ends on 17 March instead of 17 February
2026-03-14  expect  L1  interest 310.00
2026-03-14  pay     L1  310.00
2026-03-17  expect  L1  accrued 0.00
2026-03-18  expect  L1  accrued 10.00

== Weekends rest
2026-01-07  loan    L1  100.00 CNY  1 monthly  0%  bullet  rest weekends  holiday-shift following
2026-02-08  expect  L1  due 0.00  next-due 2026-02-09   # 7 February 2026 is a Saturday
2026-02-10  expect  L1  dpd 1

== A moved due day does not move the ones after it
2026-01-31  loan    L1  36,500.00 CNY  3 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-28..2026-03-01
            holiday-shift following
# due 2 March for 28 days' interest, then 31 March for 31 days'
2026-03-02  expect  L1  interest 280.00  next-due 2026-03-31
2026-03-31  expect  L1  interest 590.00  next-due 2026-04-30

== What falls due within seven days
2026-01-05  loan    L1  100.00 CNY  2 monthly  0%  equal_principal
2026-01-28  expect  L1  due 0.00  week 0.00
2026-01-29  expect  L1  due 0.00  week 50.00
2026-02-05  expect  L1  due 50.00  week 50.00  next 50.00

== Taken over in mid-life after a moved due day: interest counts from the day it moved from
2026-01-17  loan    L1  36,500.00 CNY  3 monthly  10.0%  interest_only  day-count act/365  rest 2026-02-15..2026-02-23
            holiday-shift preceding  undrawn
2026-03-01  opening L1  not-due 36,500.00
# 17 February to 1 March: 12 x 10.00 = 120.00
2026-03-01  expect  L1  accrued 120.00
2026-03-17  expect  L1  interest 280.00

== A due day never moves to before the money was out
2026-02-20  loan    L1  36,000.00 CNY  2 monthly  10.0%  interest_only  day-count act/360  first-due 2026-02-22  rest 2026-02-15..2026-02-23  holiday-shift preceding  holiday-interest yes
# 36,000.00 x 10% x 2 / 360 = 20.00
2026-02-22  expect  L1  due 20.00  dpd 0
2026-02-23  expect  L1  dpd 1
2026-03-22  expect  L1  due 36,300.00

== Due before the period ends: contract interest on overdue principal counts from its end
# 10.00 a day; 17 February moves to the 14th; 36.50 a day of default interest from the 14th, beside contract interest
2026-01-17  loan    L1  36,500.00 CNY  1 monthly  10.0%  bullet  day-count act/365  rest 2026-02-15..2026-02-23  holiday-shift preceding  penalty 36.5%  penalty-mode beside
2026-02-17  expect  L1  interest 310.00  penalty 109.50
2026-02-19  expect  L1  interest 330.00  penalty 182.50
# in place of it: default interest begins when contract interest ends
2026-01-17  loan    L2  36,500.00 CNY  1 monthly  10.0%  bullet  day-count act/365  rest 2026-02-15..2026-02-23  holiday-shift preceding  penalty 36.5%
2026-02-17  expect  L2  interest 310.00  penalty 0.00  dpd 3
2026-02-18  expect  L2  interest 310.00  penalty 36.50

== Restructured between an early due day and the end of its period: no day counts twice
2026-01-17  loan    L1  36,500.00 CNY  1 monthly  10.0%  bullet  day-count act/365  rest 2026-02-15..2026-02-23  holiday-shift preceding
2026-02-14  expect  L1  interest 310.00
2026-02-15  restructure L1 10.0% 1 monthly
2026-02-17  expect  L1  accrued 0.00
2026-03-15  expect  L1  interest 570.00

== Taken over there: contract interest begins at the end of the period
2026-01-17  loan    L1  36,500.00 CNY  1 monthly  10.0%  bullet  day-count act/365  rest 2026-02-15..2026-02-23  holiday-shift preceding  penalty 36.5%  penalty-mode beside undrawn
2026-02-15  opening L1  not-due 0.00 due 36,500.00 interest 310.00 since 2026-02-14
2026-02-17  expect  L1  interest 310.00 penalty 73.00
2026-01-17  loan    L2  36,500.00 CNY  1 monthly  10.0%  bullet  day-count act/365  rest 2026-02-15..2026-02-23  holiday-shift preceding  penalty 36.5% undrawn
2026-02-15  opening L2  not-due 0.00 due 36,500.00 interest 310.00 since 2026-02-14
2026-02-17  expect  L2  interest 310.00 penalty 0.00
