(** * Named functions with all their derivatives

    Every derivative of tanh, sigmoid, silu, … is a polynomial with integer coefficients in the argument and a few base functions that solve a closed
    system of differential equations (tanh' = 1 − tanh², sigmoid' = sigmoid − sigmoid², gaussian' = −2z·gaussian, …).
    [jet_derive]: [jetR f (S n)] is the derivative of [jetR f n]; [jet_fun]: [jetR f 0] is the function. *)
From Coq Require Import List ZArith Reals Lia Lra Bool.
From Coquelicot Require Import Coquelicot.
Import ListNotations.
Local Open Scope R_scope.

Inductive fn := FTanh | FSigmoid | FSilu | FExp | FExpm1 | FSinh | FCosh | FGaussian | FLogcosh | FSoftplus | FSin | FCos | FArctan.
Definition fn_fun (f : fn) : R -> R :=
  match f with
  | FTanh => tanh | FSigmoid => fun t => / (1 + exp (- t)) | FSilu => fun t => t / (1 + exp (- t)) | FExp => exp | FExpm1 => fun t => exp t - 1
  | FSinh => sinh | FCosh => cosh | FGaussian => fun t => exp (- (t * t)) | FLogcosh => fun t => ln (cosh t) | FSoftplus => fun t => ln (1 + exp t)
  | FSin => sin | FCos => cos | FArctan => atan
  end.

(** ** Polynomials with integer coefficients *)
Definition zmono := list positive.
Definition zpoly := list (zmono * Z).
Definition zm (r : positive -> R) (m : zmono) : R := fold_right (fun v a => r v * a) 1 m.
Definition zeval (r : positive -> R) (p : zpoly) : R := fold_right (fun t a => IZR (snd t) * zm r (fst t) + a) 0 p.
Fixpoint zins (v : positive) (m : zmono) : zmono :=
  match m with [] => [v] | w :: m' => if Pos.leb v w then v :: m else w :: zins v m' end.
Fixpoint zsame (a b : zmono) : bool :=
  match a, b with [], [] => true | v :: a', w :: b' => Pos.eqb v w && zsame a' b' | _, _ => false end.
Fixpoint zadd (m : zmono) (c : Z) (p : zpoly) : zpoly :=
  match p with [] => [(m, c)] | (n, d) :: p' => if zsame m n then (n, c + d)%Z :: p' else (n, d) :: zadd m c p' end.
Section Eval.
Variable r : positive -> R.
Lemma zins_ok v m : zm r (zins v m) = r v * zm r m.
Proof.
  induction m as [|w m IH]; [reflexivity|]. cbn [zins]. destruct (Pos.leb v w); [reflexivity|]. unfold zm in *. cbn [fold_right]. rewrite IH. ring.
Qed.
Lemma zsame_ok a b : zsame a b = true -> a = b.
Proof.
  revert b; induction a as [|v a IH]; intros [|w b] H; try easy. cbn in H. apply andb_prop in H as [->%Pos.eqb_eq H]. f_equal. auto.
Qed.
Lemma zadd_ok m c p : zeval r (zadd m c p) = IZR c * zm r m + zeval r p.
Proof.
  induction p as [|[n d] p IH]; [reflexivity|]. cbn [zadd]. destruct (zsame m n) eqn:E.
  - apply zsame_ok in E. subst n. unfold zeval. cbn [fold_right fst snd]. rewrite plus_IZR. ring.
  - unfold zeval in *. cbn [fold_right fst snd]. rewrite IH. ring.
Qed.
Lemma zeval_app p q : zeval r (p ++ q) = zeval r p + zeval r q.
Proof. unfold zeval. induction p as [|t p IH]; cbn [app fold_right]; [ring|]. rewrite IH. ring. Qed.
End Eval.

(** ** The base functions, numbered; number 1 is the argument *)
Definition base (t : R) (v : positive) : R :=
  match v with
  | 1%positive => t | 2%positive => exp t | 3%positive => tanh t | 4%positive => / (1 + exp (- t)) | 5%positive => exp (- (t * t))
  | 6%positive => sinh t | 7%positive => cosh t | 8%positive => sin t | 9%positive => cos t | 10%positive => / (1 + t * t)
  | 11%positive => ln (cosh t) | 12%positive => ln (1 + exp t) | 13%positive => atan t | _ => 0
  end.
(** the derivative of a base function *)
Definition rule (v : positive) : zpoly :=
  (match v with
  | 1 => [([], 1%Z)] | 2 => [([2], 1%Z)] | 3 => [([], 1%Z); ([3; 3], (-1)%Z)] | 4 => [([4], 1%Z); ([4; 4], (-1)%Z)] | 5 => [([1; 5], (-2)%Z)]
  | 6 => [([7], 1%Z)] | 7 => [([6], 1%Z)] | 8 => [([9], 1%Z)] | 9 => [([8], (-1)%Z)] | 10 => [([1; 10; 10], (-2)%Z)]
  | 11 => [([3], 1%Z)] | 12 => [([4], 1%Z)] | 13 => [([10], 1%Z)] | _ => []
  end)%positive.
Definition start (f : fn) : zpoly :=
  match f with
  | FTanh => [([3%positive], 1%Z)] | FSigmoid => [([4%positive], 1%Z)] | FSilu => [([1%positive; 4%positive], 1%Z)] | FExp => [([2%positive], 1%Z)]
  | FExpm1 => [([2%positive], 1%Z); ([], (-1)%Z)] | FSinh => [([6%positive], 1%Z)] | FCosh => [([7%positive], 1%Z)] | FGaussian => [([5%positive], 1%Z)]
  | FLogcosh => [([11%positive], 1%Z)] | FSoftplus => [([12%positive], 1%Z)] | FSin => [([8%positive], 1%Z)] | FCos => [([9%positive], 1%Z)]
  | FArctan => [([13%positive], 1%Z)]
  end.
(** the base functions that occur in the derivatives of a function: only these need values *)
Definition needed (f : fn) : list positive :=
  (match f with
  | FTanh => [3] | FSigmoid => [4] | FSilu => [1; 4] | FExp | FExpm1 => [2] | FSinh | FCosh => [6; 7] | FGaussian => [1; 5] | FLogcosh => [3; 11]
  | FSoftplus => [4; 12] | FSin | FCos => [8; 9] | FArctan => [1; 10; 13]
  end)%positive.
Definition needs (f : fn) (v : positive) : bool := existsb (Pos.eqb v) (needed f).
Definition basef (f : fn) (t : R) (v : positive) : R := if needs f v then base t v else 0.
Definition rulef (f : fn) (v : positive) : zpoly := if needs f v then rule v else [].

Lemma base_derive v t : In v [1; 2; 3; 4; 5; 6; 7; 8; 9; 10; 11; 12; 13]%positive -> is_derive (fun t => base t v) t (zeval (base t) (rule v)).
Proof.
  assert (P := exp_pos t). assert (P' := exp_pos (- t)). assert (S : 0 <= t * t) by nra. unfold zeval, zm.
  intros [<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|[]]]]]]]]]]]]]]; cbn [base rule fold_right fst snd].
  - replace (1 * 1 + 0) with 1 by ring. apply @is_derive_id.
  - auto_derive; [exact I|ring].
  - unfold tanh, sinh, cosh. auto_derive; [lra|]. field. lra.
  - auto_derive; [lra|]. field. lra.
  - auto_derive; [exact I|ring].
  - unfold sinh, cosh. auto_derive; [exact I|field].
  - unfold sinh, cosh. auto_derive; [exact I|field].
  - auto_derive; [exact I|ring].
  - auto_derive; [exact I|ring].
  - auto_derive; [lra|]. field. lra.
  - unfold tanh, sinh, cosh. auto_derive; [lra|]. field. lra.
  - auto_derive; [lra|]. rewrite exp_Ropp. field. lra.
  - auto_derive; [exact I|]. unfold Rsqr in *. field. lra.
Qed.
Lemma basef_derive f v t : is_derive (fun t => basef f t v) t (zeval (basef f t) (rulef f v)).
Proof.
  unfold rulef. destruct (needs f v) eqn:E.
  - assert (I : In v [1; 2; 3; 4; 5; 6; 7; 8; 9; 10; 11; 12; 13]%positive /\ zeval (basef f t) (rule v) = zeval (base t) (rule v)).
    { unfold needs in E. apply existsb_exists in E as (w & Hw & ->%Pos.eqb_eq).
      destruct f; cbn [needed In] in Hw; repeat (destruct Hw as [<-|Hw]; [split; [cbn; tauto|reflexivity]|]); destruct Hw. }
    destruct I as [I ->]. apply is_derive_ext with (f := fun t => base t v); [intros x; unfold basef; now rewrite E|]. now apply base_derive.
  - apply is_derive_ext with (f := fun _ => 0); [intros x; unfold basef; now rewrite E|]. apply @is_derive_const.
Qed.

(** ** Derivatives of polynomials in the base functions *)
Section Derivative.
Variable f : fn.
Fixpoint dmono (m : zmono) : zpoly :=
  match m with
  | [] => []
  | v :: m' => map (fun t => (fold_right zins m' (fst t), snd t)) (rulef f v) ++ map (fun t => (zins v (fst t), snd t)) (dmono m')
  end.
Definition dpoly (p : zpoly) : zpoly :=
  fold_right (fun t acc => fold_right (fun s acc => zadd (fst s) (snd t * snd s)%Z acc) acc (dmono (fst t))) [] p.
Lemma dmono_ok t m : is_derive (fun t => zm (basef f t) m) t (zeval (basef f t) (dmono m)).
Proof.
  induction m as [|v m IH]; [change (is_derive (fun _ : R => 1) t 0); apply @is_derive_const|]. cbn [dmono]. rewrite zeval_app.
  assert (A : forall p, zeval (basef f t) (map (fun s => (fold_right zins m (fst s), snd s)) p) = zeval (basef f t) p * zm (basef f t) m).
  { induction p as [|[n c] p IHp]; unfold zeval in *; cbn [map fold_right fst snd]; [ring|]. rewrite IHp.
    assert (Z : zm (basef f t) (fold_right zins m n) = zm (basef f t) n * zm (basef f t) m).
    { induction n as [|w n IHn]; cbn [fold_right]; [unfold zm at 2; cbn; ring|]. rewrite zins_ok, IHn. unfold zm at 3. cbn. fold (zm (basef f t) n). ring. }
    rewrite Z. ring. }
  assert (B : forall p, zeval (basef f t) (map (fun s => (zins v (fst s), snd s)) p) = basef f t v * zeval (basef f t) p).
  { induction p as [|[n c] p IHp]; unfold zeval in *; cbn [map fold_right fst snd]; [ring|]. rewrite IHp, zins_ok. ring. }
  rewrite A, B. apply (is_derive_mult (fun t => basef f t v) (fun t => zm (basef f t) m)); [apply basef_derive|exact IH|intros; apply Rmult_comm].
Qed.
Lemma dpoly_ok t p : is_derive (fun t => zeval (basef f t) p) t (zeval (basef f t) (dpoly p)).
Proof.
  induction p as [|[m c] p IH]; [change (is_derive (fun _ : R => 0) t 0); apply @is_derive_const|]. cbn [dpoly fold_right fst snd]. fold (dpoly p).
  assert (X : forall q acc, zeval (basef f t) (fold_right (fun s acc => zadd (fst s) (c * snd s)%Z acc) acc q) =
    IZR c * zeval (basef f t) q + zeval (basef f t) acc).
  { induction q as [|[n d] q IHq]; intros acc; cbn [fold_right fst snd]; [unfold zeval at 2; cbn; ring|].
    rewrite zadd_ok, IHq, mult_IZR. unfold zeval at 3. cbn [fold_right fst snd]. fold (zeval (basef f t) q). ring. }
  rewrite X. unfold zeval at 1. cbn [fold_right fst snd].
  apply (is_derive_plus (fun t => IZR c * zm (basef f t) m) (fun t => zeval (basef f t) p)); [|exact IH].
  apply (is_derive_scal (fun t => zm (basef f t) m)), dmono_ok.
Qed.
End Derivative.

(** the derivatives of order 0, 1, 2, … *)
Fixpoint jetP (f : fn) (n : nat) : zpoly := match n with O => start f | S n' => dpoly f (jetP f n') end.
Definition jetR (f : fn) (n : nat) (t : R) : R := zeval (basef f t) (jetP f n).
Theorem jet_derive f n t : is_derive (jetR f n) t (jetR f (S n) t).
Proof. apply dpoly_ok. Qed.
Theorem jet_fun f t : jetR f 0 t = fn_fun f t.
Proof. unfold jetR, zeval, zm. destruct f; cbn; unfold Rdiv; ring. Qed.
